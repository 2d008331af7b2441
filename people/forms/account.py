"""The forms on the way in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from allauth.account import forms as account
from allauth.account.forms import LoginForm, RequestLoginCodeForm, SignupForm
from allauth.account.models import EmailAddress
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.db import transaction
from django.http import HttpRequest  # noqa: TID251  allauth hands it to its forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from people import cities
from people.models import User


def shared_phone() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Others use this phone or computer too"),
        required=False,
        help_text=_(
            "Then nothing is kept on it, and you are signed out when it closes."
        ),
    )


class Plain:
    """Labels say what a field is for; a placeholder would vanish while typing."""

    fields: dict[str, forms.Field]

    def speak_plainly(self) -> None:
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        for name in ("email", "login"):
            if name in self.fields:
                self.fields[name].label = _("Your mail address")
                self.fields[name].widget.attrs["maxlength"] = "254"


class SignInForm(Plain, RequestLoginCodeForm):
    shared = shared_phone()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.speak_plainly()


class PasswordSignInForm(Plain, LoginForm):
    shared = shared_phone()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.speak_plainly()
        self.fields["password"].help_text = ""

    def _setup_password_field(self) -> None:
        """allauth takes the password away where signing up asks for none."""


class NewPassword:
    """Two fields for a new password, with what it needs in one sentence."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password1"].help_text = _(
            "At least eight characters, and not one that everybody uses."
        )


class SetPasswordForm(NewPassword, account.SetPasswordForm):
    """The first password of somebody who had none."""


class ChangePasswordForm(NewPassword, account.ChangePasswordForm):
    """A new password in place of the old."""


class ResetPasswordKeyForm(NewPassword, account.ResetPasswordKeyForm):
    """A new password after a mailed code."""


class PasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("A name for it")
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with this key alone")
        passwordless.help_text = _(
            "The device asks for your finger, your face or its PIN. Without the tick "
            "the key is asked for after a code or a password."
        )
        passwordless.initial = True


class SignUpForm(Plain, SignupForm):
    called = forms.CharField(
        label=_("What should we call you?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    timezone = forms.ChoiceField(
        label=_("Your place, for the time of day"),
        choices=cities.grouped,
        widget=cities.CitySelect,
    )
    field_order = ("email", "called", "timezone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.speak_plainly()
        self.fields["timezone"].initial = "UTC"

    def try_save(self, request: HttpRequest) -> Any:
        """Whoever has an account already is told so by mail alone.

        The same is done for both, or the time it takes would tell: where the address
        is known, somebody made up signs up and is undone. One transaction around
        either, for what takes longest is to end one.
        """
        if not self.account_already_exists:
            with transaction.atomic():
                return super().try_save(request)
        with transaction.atomic():
            self._rehearse(request)
        return super().try_save(request)

    def _rehearse(self, request: HttpRequest) -> None:
        """Sign somebody up under an address that nobody has, and leave no trace."""
        email = self.cleaned_data["email"]
        self.cleaned_data["email"] = f"{uuid4()}@localhost.invalid"
        self.account_already_exists = False
        try:
            # Rolled back within the other, which ends as if it had kept something.
            with transaction.atomic():
                made_up = self.save(request)
                transaction.set_rollback(True)
        finally:
            self.cleaned_data["email"] = email
            self.account_already_exists = True
        # What is looked up to send the code of somebody who did sign up.
        for _each in range(2):
            EmailAddress.objects.filter(user=made_up).first()
        EmailAddress.objects.filter(user=made_up, verified=True).exists()
        User.objects.filter(pk=made_up.pk).first()

    def custom_signup(self, request: HttpRequest, user: Any) -> None:
        super().custom_signup(request, user)
        User.objects.filter(pk=user.pk).update(
            called=self.cleaned_data["called"],
            timezone=self.cleaned_data["timezone"],
            language=(get_language() or "")[:10],
        )
        user.refresh_from_db()
