from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        # One registers its check, one listens to what happens to keys.
        from people import personal, second_key  # noqa: F401
