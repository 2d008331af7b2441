"""Where django-allauth asks the house what to do."""

from __future__ import annotations

import base64
import hashlib
import smtplib
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import (
    AuthenticationBackend as AllauthAuthenticationBackend,
)
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from people.models import User
from people.prepared import prepared, the_one
from people.refusal import Refused

# Set for the life of the browser where several people use one phone. Scripts read
# it: pages and answers are then not kept on the phone.
SHARED_PHONE = "shared_phone"


@prepared
def _account(key: UUID) -> models.QuerySet[User]:
    return User.objects.filter(pk=key)


class AuthenticationBackend(AllauthAuthenticationBackend):
    """allauth's ways to sign in; every page after that asks for the account here."""

    def get_user(self, user_id: Any) -> User | None:
        person = the_one(_account(user_id))
        return person if person and self.user_can_authenticate(person) else None


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": _(
            "That is not the code we sent. Look again, or ask for a new one."
        ),
        "email_password_mismatch": _(
            "That address and that password do not belong together. "
            "You can sign in with a code by mail instead."
        ),
        "too_many_login_attempts": _(
            "That was tried too often. Wait a minute, then ask for a new code."
        ),
        "rate_limited": _("That was quick. Wait a minute, then try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Sign-in mails leave at once, past quiet hours; nothing else does."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            raise Refused(
                _("The mail could not leave just now. Wait a minute and try again.")
            ) from error

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict | None = None,
        email: str | None = None,
    ) -> None:
        # People who came by an invitation have no list of addresses yet.
        to = email or EmailAddress.objects.get_primary_email(user) or user.email
        super().send_notification_mail(template_prefix, user, context, to)

    def post_login(
        self, request: HttpRequest, user: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        settle_on_phone(request, response)
        if not user.language:
            # Mails shall speak the language of the page they signed in on.
            User.objects.filter(pk=user.pk, language="").update(
                language=(get_language() or settings.LANGUAGE_CODE)[:10]
            )
        return response

    def get_reauthentication_methods(self, user: Any) -> list[dict]:
        """A touch of the passkey first, then what has to be typed."""
        methods = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: "webauthn" not in method["id"])

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        # The page that opens says it already.
        if message_template not in (
            "account/messages/logged_in.txt",
            "account/messages/login_code_sent.txt",
            "account/messages/email_confirmation_sent.txt",
        ):
            super().add_message(request, level, message_template, *args, **kwargs)


def remember_shared_phone(request: HttpRequest, shared: bool) -> None:
    """Keep the choice made before signing in until it can be carried out."""
    request.session[SHARED_PHONE] = shared


def settle_on_phone(request: HttpRequest, response: HttpResponse) -> None:
    """On a shared phone the session ends with the browser and nothing is cached."""
    shared = bool(request.session.get(SHARED_PHONE))
    if shared:
        request.session.set_expiry(0)
        response.set_cookie(
            SHARED_PHONE,
            "1",
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    else:
        request.session.set_expiry(None)
        if SHARED_PHONE in request.COOKIES:
            response.delete_cookie(SHARED_PHONE)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of second factors unreadable in a copy of the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "unverified_email": _("Make the address sure first."),
    }

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Whether this person wants to be asked for a second key.

        A passkey that signs in by itself is one more way in. Were it asked for after
        a mailed code as well, nobody could borrow a phone.
        """
        if types is not None and len(types) == 1:
            return super().is_mfa_enabled(user, types)
        if user.is_anonymous:
            return False
        keys = Authenticator.objects.filter(user=user).exclude(
            type=Authenticator.Type.RECOVERY_CODES
        )
        return any(
            key.type == Authenticator.Type.TOTP or not key.wrap().is_passwordless
            for key in keys
        )

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                return _cipher(key).decrypt(encrypted_text.encode()).decode()
            except InvalidToken:
                continue
        raise InvalidToken


def _cipher(key: str | bytes) -> Fernet:
    secret = key.encode() if isinstance(key, str) else key
    digest = hashlib.sha256(b"second factor " + secret).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
