"""A refusal that a person can use: said in a sentence, nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """The act cannot be done, and the sentence says why.

    Raised by domain functions towards people who may see the thing they acted
    on; strangers get a 404 long before. Shown by `RefusalMiddleware` with
    status 409 and a way back.
    """

    def __init__(self, sentence: object):
        super().__init__(sentence)
        self.sentence = sentence


class SentBefore(Refused):
    """The same form came again with other words: what was sent first stands.

    `row` is the first one. Happens when somebody goes back in the browser, changes
    the text and sends again.
    """

    def __init__(self, row: Any):
        super().__init__(
            _(
                "You sent this form before, with other words, and those stand. "
                "Send it again to add this as a new one."
            )
        )
        self.row = row
