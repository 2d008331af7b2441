"""The Celery app. Its clocks stand in settings, CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cohortsite.settings")

app = Celery("cohortsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
