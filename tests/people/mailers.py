"""Mail servers with bad days."""

from django.core.mail.backends.base import BaseEmailBackend


class NobodyHome(BaseEmailBackend):
    """Refuses the connection."""

    def open(self):
        raise ConnectionRefusedError

    def send_messages(self, email_messages):
        raise ConnectionRefusedError
