"""A second key for people whom others trust with what is theirs.

Whoever reads a mailbox can sign in with a mailed code. For a member that is enough;
for people with a task (see `cohorts.places`) a passkey or a code from an app is asked
for as well, once in each session. django-allauth keeps the keys and asks for them;
here stands whether this session has seen one.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest  # noqa: TID251  a session is of a request

from people.devices import devices_of
from people.models import User

SHOWN = "second_key_shown"
# Where somebody was going when a key was asked for.
WAY = "second_key_way"


def has_shown(request: HttpRequest) -> bool:
    return request.session.get(SHOWN) == str(request.user.pk)


def keys_of(person: Any) -> set[str]:
    """Of which kinds this person has keys; recovery codes alone are none."""
    kinds = set(
        Authenticator.objects.filter(user=person.pk).values_list("type", flat=True)
    )
    return set() if kinds == {Authenticator.Type.RECOVERY_CODES} else kinds


@receiver(signals.authenticator_used)
def _note_that_one_was_used(request: HttpRequest, user: User, **kwargs: Any) -> None:
    # Whose it was: the way in may end here, and another person take it up.
    request.session[SHOWN] = str(user.pk)


@receiver(signals.authenticator_added)
def _note_that_one_was_made(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    request.session[SHOWN] = str(user.pk)
    # Else allauth would ask for the new key before it shows the recovery codes, and
    # an app has no second code to give for half a minute.
    record_authentication(
        request, user, "mfa", type=str(authenticator.type), reauthenticated=True
    )


@receiver(signals.authenticator_removed)
def _forget_where_none_is_left(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Every device is asked again once the last key is gone."""
    if keys_of(user):
        return
    request.session.pop(SHOWN, None)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for device in devices_of(user):
        if device.session_key != request.session.session_key:
            session = store(device.session_key)
            if session.pop(SHOWN, None):
                session.save()
