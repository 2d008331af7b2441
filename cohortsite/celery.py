"""The Celery app. Its clocks stand in settings, CELERY_BEAT_SCHEDULE."""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")

app = Celery("cohortsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def tick_in_the_worker(**kwargs: Any) -> None:
    """Where one process is to do everything, beat is a thread of the worker.

    `celery worker --beat` would fork a second process of the same size.
    """
    if schedule := os.environ.get("BEAT_IN_WORKER"):
        EmbeddedService(app, thread=True, schedule_filename=schedule).start()


@worker_ready.connect
def say_that_it_is_ready(**kwargs: Any) -> None:
    """For whoever started the worker and waits."""
    if place := os.environ.get("WORKER_READY_FILE"):
        Path(place).touch()
