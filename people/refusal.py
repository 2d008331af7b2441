"""A refusal that a person can use: said in a sentence, nothing typed is lost."""

from __future__ import annotations


class Refused(Exception):
    """The act cannot be done, and the sentence says why.

    Raised by domain functions towards people who may see the thing they acted
    on; strangers get a 404 long before. Shown by `RefusalMiddleware` with
    status 409 and a way back.
    """

    def __init__(self, sentence: object):
        super().__init__(sentence)
        self.sentence = sentence
