"""Where the pages of django-allauth stand in this house.

allauth finds its pages by these names and knows nothing of the paths. All of
them are listed, so that each says who may knock.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from people.access import at_the_door as opens
from people.access import own_keys as mine
from people.views import entrance

urlpatterns = [
    # Coming in
    path("sign-in/", entrance.sign_in, name="account_login"),
    path("sign-in/", entrance.sign_in, name="account_request_login_code"),
    path("sign-in/code/", entrance.code, name="account_confirm_login_code"),
    path("sign-in/password/", entrance.by_password, name="people_password_sign_in"),
    path("sign-in/passkey/", opens(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/second/", opens(factors.authenticate), name="mfa_authenticate"),
    path("sign-up/", opens(account.signup), name="account_signup"),
    path(
        "sign-up/code/",
        entrance.sign_up_code,
        name="account_email_verification_sent",
    ),
    path("sign-in/closed/", opens(account.account_inactive), name="account_inactive"),
    path("sign-out/", entrance.sign_out, name="account_logout"),
    path(
        "password/forgotten/",
        opens(account.password_reset),
        name="account_reset_password",
    ),
    path(
        "password/forgotten/code/",
        entrance.forgotten_code,
        name="account_confirm_password_reset_code",
    ),
    path(
        "password/forgotten/new/",
        opens(account.complete_password_reset),
        name="account_complete_password_reset",
    ),
    path(
        "password/forgotten/done/",
        opens(account.password_reset_from_key_done),
        name="account_password_reset_completed",
    ),
    # Looking after one's keys
    path("me/sure/", mine(account.reauthenticate), name="account_reauthenticate"),
    path("me/addresses/", mine(account.email), name="account_email"),
    path("me/password/", mine(account.password_change), name="account_change_password"),
    path("me/password/new/", mine(account.password_set), name="account_set_password"),
    path("me/keys/", entrance.keys, name="mfa_index"),
    path("me/keys/sure/", mine(factors.reauthenticate), name="mfa_reauthenticate"),
    path("me/keys/app/", mine(totp.activate_totp), name="mfa_activate_totp"),
    path("me/keys/app/off/", mine(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "me/keys/recovery/",
        mine(recovery.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "me/keys/recovery/new/",
        mine(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "me/keys/recovery/download/",
        mine(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("me/passkeys/", mine(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("me/passkeys/new/", entrance.add_passkey, name="mfa_add_webauthn"),
    path(
        "me/passkeys/sure/",
        mine(passkeys.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "me/passkeys/<int:pk>/remove/",
        mine(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path(
        "me/passkeys/<int:pk>/",
        mine(passkeys.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path("me/devices/", entrance.devices, name="usersessions_list"),
]
