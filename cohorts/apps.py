from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "cohorts"

    def ready(self) -> None:
        # Registries are filled here: notices, lines of Today, open calls.
        from cohorts import fairness, notices, sections, waiting, welcomes  # noqa: F401
