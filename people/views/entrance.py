"""Signing in and out."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.utils import perform_login
from allauth.core.exceptions import RateLimited
from allauth.mfa.base import views as factors
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from people import front
from people import second_key as second
from people.access import at_the_door, from_this_machine, own_keys, public
from people.adapters import SHARED_PHONE, remember_shared_phone
from people.devices import devices_of
from people.forms.account import PasswordSignInForm, SignInForm
from people.models import User
from people.views.me import account as account_of

NOBODY = UUID(int=0)


def demo_people(request: HttpRequest) -> list[front.DemoPerson]:
    """Who may be tried out with one click: nobody but in a demo on this machine."""
    return front.demo_people() if from_this_machine(request) else []


class SignInView(account.RequestLoginCodeView):
    form_class = SignInForm
    template_name = "account/sign_in.html"

    def form_valid(self, form: Any) -> HttpResponse:
        remember_shared_phone(self.request, form.cleaned_data["shared"])
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_people=demo_people(self.request), **kwargs)


class SameWork:
    """A code that was sent to nobody is asked for at the same cost as any other.

    How long an answer takes would otherwise tell who has an account here.
    """

    # How often allauth looks up the person, by method.
    looks_up: ClassVar[dict[str, int]] = {"GET": 1, "POST": 1}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        process = getattr(self, "_process", None)
        if process and "user_id" not in process.state:
            for _each in range(self.looks_up.get(request.method or "", 0)):
                User.objects.filter(pk=NOBODY).first()
        return response


class CodeView(SameWork, account.ConfirmLoginCodeView):
    form_class = ConfirmLoginCodeForm
    template_name = "account/code.html"

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        # Whoever can read the mail owns the address: no second code for people whose
        # account somebody else made, by inviting them.
        sync_user_email_address(self._process.user)
        return super()._verify_form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """The third wrong code in a row sends a new one, as long as some are left."""
        process = self._process
        if process.state["failed_attempts"] + 1 < process.max_attempts:
            return super().form_invalid(form)
        if self._action != "verify" or not process.can_resend:
            return super().form_invalid(form)
        process.state["failed_attempts"] = 0
        try:
            process.resend()
        except RateLimited:
            return super().form_invalid(form)
        messages.warning(
            self.request,
            _(
                "That was wrong three times, so that code no longer counts. "
                "We have sent you a new one."
            ),
        )
        return HttpResponseRedirect(
            self.passthrough_next_url(reverse("account_confirm_login_code"))
        )


class ForgottenCodeView(SameWork, account.ConfirmPasswordResetCodeView):
    looks_up: ClassVar = {"POST": 1}


class SignUpCodeView(SameWork, account.ConfirmEmailVerificationCodeView):
    """Here it is who has an account already that is sent no code."""

    looks_up: ClassVar = {"GET": 2, "POST": 2}


class PasswordView(account.LoginView):
    form_class = PasswordSignInForm
    template_name = "account/password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        shared = form.cleaned_data["shared"]
        remember_shared_phone(self.request, shared)
        response = super().form_valid(form)
        # allauth has just set the length of the session by a setting of its own.
        self.request.session.set_expiry(0 if shared else None)
        return response


class SignOutView(account.LogoutView):
    template_name = "account/sign_out.html"

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(*args, **kwargs)
        # Pages, answers and drafts that this browser kept go with the session.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        response.delete_cookie(SHARED_PHONE)
        return response


class AddPasskeyView(passkeys.AddWebAuthnView):
    def get_success_url(self) -> str:
        if second.WAY in self.request.session:
            return super().get_success_url()  # to the recovery codes
        # A code by mail opens the door as well.
        return reverse("mfa_list_webauthn")


class KeysView(factors.IndexView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            second_key_required=settings.SECOND_KEY_REQUIRED, **kwargs
        )


sign_in = at_the_door(SignInView.as_view())
code = at_the_door(CodeView.as_view())
forgotten_code = at_the_door(ForgottenCodeView.as_view())
sign_up_code = at_the_door(SignUpCodeView.as_view())
by_password = at_the_door(PasswordView.as_view())
sign_out = at_the_door(SignOutView.as_view())
add_passkey = own_keys(AddPasskeyView.as_view())
keys = own_keys(KeysView.as_view())


@require_safe
@own_keys
def second_key(request: HttpRequest) -> HttpResponse:
    """Where people with a task are led until this session has seen a second key."""
    going = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        going, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        request.session[second.WAY] = going
    if second.has_shown(request):
        return redirect(request.session.pop(second.WAY, "/today/"))
    request.session.setdefault(second.WAY, "/today/")
    return render(
        request,
        "people/second_key.html",
        {
            "has": second.keys_of(request.user),
            "here": f"?{urlencode({'next': request.path})}",
        },
    )


@require_POST
@public(why="a visitor of a demo that runs on their own machine picks a person")
def sign_in_as(request: HttpRequest) -> HttpResponse:
    email = request.POST.get("email", "")
    if email not in {person.email for person in demo_people(request)}:
        raise Http404
    user = get_object_or_404(User, email=email, is_active=True)
    remember_shared_phone(request, False)
    if request.user.is_authenticated:
        get_adapter(request).logout(request)
    return perform_login(request, user, email_verification="none")


@require_http_methods(["GET", "HEAD", "POST"])
@own_keys
def devices(request: HttpRequest) -> HttpResponse:
    """Where this person is signed in, and a way to end each."""
    here = request.session.session_key
    if not UserSession.objects.filter(session_key=here).exists():
        # Signed in by an invitation, which allauth does not notice.
        UserSession.objects.create_from_request(request)
    found = devices_of(account_of(request))
    if request.method == "POST":
        which = request.POST.get("device", "")
        ended = [
            device
            for device in found
            if device.session_key != here and which in ("others", str(device.pk))
        ]
        for device in ended:
            device.end()
        if ended:
            messages.success(request, _("Signed out there."))
        return redirect("usersessions_list")
    return render(request, "usersessions/usersession_list.html", {"devices": found})
