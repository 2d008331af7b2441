from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The package may be called `sessions`; Django's own app holds the label."""

    name = "sessions"
    label = "cohort_sessions"

    def ready(self) -> None:
        # They register themselves.
        from sessions import notices, sections  # noqa: F401
