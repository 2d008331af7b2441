"""The house's worker and its beat, which strikes the erasing of words each second.

BEAT_IN_WORKER=schedule celery -A tests.embedded.erasing_worker worker
"""

from django.conf import settings

from cohortsite.celery import app as app

ERASES = "erase words whose time is over"

clock = settings.CELERY_BEAT_SCHEDULE[ERASES]
app.conf.beat_schedule = {ERASES: clock | {"schedule": 1.0}}
app.conf.beat_max_loop_interval = 1
