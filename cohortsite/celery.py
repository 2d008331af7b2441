"""The Celery app. Its clocks stand in settings, CELERY_BEAT_SCHEDULE."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")

app = Celery("cohortsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def say_that_it_is_ready(**kwargs: Any) -> None:
    """For whoever started the worker and waits."""
    if place := os.environ.get("WORKER_READY_FILE"):
        Path(place).touch()
