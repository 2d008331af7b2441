"""What the operator sees of people: accounts and messages, and no content."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest  # noqa: TID251  the admin's methods speak HTTP

from people.models import OutboxMessage, User
from people.outbox import discreet


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts can be closed here; what people say of themselves stays theirs."""

    list_display = ("email", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email",)
    ordering = ("email",)
    fields = ("email", "is_active", "is_staff", "date_joined", "last_login")
    readonly_fields = ("email", "date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # People erase themselves, and get a receipt: people/privacy.py.
        return False


@admin.register(OutboxMessage)
class OutboxMessageAdmin(admin.ModelAdmin):
    """Which messages wait, left or died; never what they say or are about."""

    list_display = ("notice", "state", "send_after", "tries", "problem", "sent_at")
    list_filter = ("state", "notice")
    ordering = ("-send_after",)
    fields = (
        "notice",
        "state",
        "send_after",
        "not_after",
        "tries",
        "faults",
        "problem",
        "created_at",
        "sent_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        # Not even that somebody was written to in confidence.
        return super().get_queryset(request).exclude(notice__in=discreet())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# The operator comes in by the same door as everybody, second factor and all.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
