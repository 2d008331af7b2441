"""Settings, addresses and the running of the house."""

from cohortsite.celery import app as celery_app

__all__ = ["celery_app"]
