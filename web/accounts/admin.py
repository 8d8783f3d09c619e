"""People in the administration. Their addresses stand on their own pages, in no list or address."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401  (both, to be there before we take their pages away)
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff import LookInside, ReadOnly, name

# Allauth's show secrets and addresses; Django's groups mean nothing here.
admin.site.unregister((Authenticator, EmailAddress, Group))


class EmailAddresses(LookInside):
    """A person's addresses; people change and confirm them themselves."""

    model = EmailAddress
    fields = ("email", "verified", "primary")


class Authenticators(LookInside):
    """Whether a person has a second step, never its secret."""

    model = Authenticator
    fields = ("type", "created_at", "last_used_at")


@admin.register(User)
class UserAdmin(ReadOnly):
    """Staff shut somebody out or let them in again; superusers make staff."""

    list_display = ("__str__", "date_joined", "last_login", "is_active", "is_staff", "is_superuser")
    list_filter = ("is_active", "is_staff", "is_superuser")
    fields = ("email", "date_joined", "last_login", "is_active", "is_staff", "is_superuser")
    inlines = (EmailAddresses, Authenticators)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say yes, but for staff themselves to superusers only."""
        return request.user.is_superuser or (obj is not None and not obj.is_staff)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Return what this person may not change."""
        fixed = ("email", "date_joined", "last_login")
        return fixed if request.user.is_superuser else (*fixed, "is_staff", "is_superuser")


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    """What staff did here."""

    list_display = ("action_time", "who", "content_type", "object_repr", "change_message")
    list_filter = ("action_flag",)
    list_select_related = ("user", "content_type")
    fields = ("action_time", "who", "content_type", "object_repr", "change_message")

    @admin.display(description=_("staff"))
    def who(self, entry: LogEntry) -> str:
        """Return the address of the staff who did it."""
        person: Any = entry.user
        return str(person.email)


name(
    {
        Authenticator: (_("second step"), _("second step")),
        User: (_("person"), _("people")),
    },
    created_at=_("created"),
    date_joined=_("joined"),
    email=_("e-mail"),
    is_active=_("may sign in"),
    is_staff=_("staff"),
    last_used_at=_("last used"),
    type=_("kind"),
)
