"""What a worker loads whose mail server only remembers which mails it took.

celery -A tests.embedded.worker_to_kill worker
"""

import os
from pathlib import Path
from uuid import uuid4

from celery.signals import worker_init
from django.core.mail.backends.base import BaseEmailBackend

from cohortsite.celery import app as app

TAKEN = "MAILS_TAKEN"


class Server(BaseEmailBackend):
    """Takes every mail: a file with its Message-ID. Cannot be asked afterwards."""

    def send_messages(self, email_messages):
        folder = Path(os.environ[TAKEN])
        for mail in email_messages:
            (folder / uuid4().hex).write_text(mail.extra_headers["Message-ID"])
        return len(email_messages)


class Asked(Server):
    """Can be asked whether it took a mail."""

    def has_sent(self, message_id):
        folder = Path(os.environ[TAKEN])
        return any(file.read_text() == message_id for file in folder.iterdir())


@worker_init.connect
def register_notices(**kwargs):
    notices()


def notices():
    """One kind that prefers twice to never, and one that is told once or not at all."""
    from people.outbox import Notice, Purpose, register

    return [
        register(
            Notice(
                name=f"tests.{on_unknown}",
                template="cohorts/mail/appointed",
                purpose=Purpose.ACCOUNT,
                reason="You get this because a worker dies.",
                find=lambda person, about_id: person,
                on_unknown=on_unknown,
            )
        )
        for on_unknown in ("resend", "hold")
    ]
