"""Mail servers with bad days."""

import smtplib
from typing import ClassVar

from django.core.mail.backends.base import BaseEmailBackend


class Killed(BaseException):
    """The worker's end: nothing catches it, nothing cleans up."""


class NobodyHome(BaseEmailBackend):
    """Refuses the connection."""

    def open(self):
        raise ConnectionRefusedError

    def send_messages(self, email_messages):
        raise ConnectionRefusedError


class Scripted(BaseEmailBackend):
    """Does to each mail in turn what `script` says, then accepts."""

    arrived: ClassVar[list] = []
    script: ClassVar[list] = []

    @classmethod
    def plays(cls, *script):
        cls.arrived.clear()
        cls.script[:] = script
        return f"{cls.__module__}.{cls.__qualname__}"

    def send_messages(self, email_messages):
        for message in email_messages:
            act = self.script.pop(0) if self.script else "accept"
            if act in ("accept", "accept, then time out", "accept, then kill"):
                self.arrived.append(message)
            match act:
                case "time out" | "accept, then time out":
                    raise TimeoutError
                case "hang up":
                    raise smtplib.SMTPServerDisconnected
                case "kill" | "accept, then kill":
                    raise Killed
                case "busy":
                    raise smtplib.SMTPDataError(451, b"later")
                case "no such person":
                    refused = {address: (550, b"no") for address in message.to}
                    raise smtplib.SMTPRecipientsRefused(refused)
        return len(email_messages)


class Asked(Scripted):
    """A provider that can be asked whether a mail has left."""

    def has_sent(self, message_id):
        return message_id in {m.extra_headers["Message-ID"] for m in self.arrived}
