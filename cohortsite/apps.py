from django.apps import AppConfig


class CohortsiteConfig(AppConfig):
    name = "cohortsite"

    def ready(self) -> None:
        # Tasks that pages send must know their broker. Here and not in the package's
        # __init__, so that the live stream does without Celery.
        from cohortsite import celery, checks  # noqa: F401
