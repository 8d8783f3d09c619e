"""More tables in the administration: history, and what else support only looks at.

No page shows a token, or links a person to a vote. Addresses stand on a row's own page only.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.staff import MOST_ROWS, ReadOnly
from contests import notifying
from contests.models import Code, Entry, Event, Notification, Report, Upload, Voter, Worker


@admin.register(Code)
class CodeAdmin(ReadOnly):
    """Codes that were given away, without what is typed: who reads it could use it."""

    list_display = ("__str__", "contest", "kind", "label", "uses", "max_uses", "revoked_at")
    list_filter = ("kind",)
    list_select_related = ("contest",)
    search_fields = ("=id", "label", "contest__url")
    fields = (
        *("contest", "kind", "label", "uses", "max_uses", "expires_at", "revoked_at"),
        "created_at",
    )


@admin.register(Event)
class EventAdmin(ReadOnly):
    """The audit trail."""

    list_display = ("at", "contest", "entry", "actor", "user", "action", "undone_at")
    list_filter = ("actor",)
    list_select_related = ("contest", "entry", "user")
    search_fields = ("=id", "=entry__id", "=action", "contest__url")
    fields = ("at", "contest", "entry", "actor", "user", "action", "detail", "batch", "undone_at")


@admin.register(Report)
class ReportAdmin(ReadOnly):
    """What visitors told the teams about entries; nothing tells who they were."""

    list_display = ("__str__", "entry", "reason", "created_at", "closed_at")
    list_filter = ("reason",)
    list_select_related = ("entry",)
    search_fields = ("=id", "=entry__id")
    fields = ("entry", "reason", "text", "created_at", "closed_at", "closed_by")


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    """Files on their way to us, and sources."""

    list_display = ("__str__", "contest", "filename", "size", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("contest",)
    search_fields = ("=id", "filename", "=key")
    fields = (
        *("contest", "filename", "size", "state", "by_team", "key", "digest", "created_at"),
        *("first_byte_at", "completed_at", "touched_at", "missing_since"),
    )


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    """Mails: sent, and still to be sent."""

    list_display = ("__str__", "kind", "about", "created_at", "due_at", "tries", "sent_at")
    list_filter = ("kind",)
    list_select_related = ("entry", "voter")
    fields = (
        *("kind", "about", "language", "created_at", "due_at", "tries", "failures", "sent_at"),
    )

    actions = ("send_again",)

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, mails: QuerySet[Notification]) -> None:
        """Send once more what has not arrived."""
        sent = [each for each in mails[:MOST_ROWS] if notifying.send_again(each)]
        for each in sent:
            self.log_change(request, each, "sent again")
        text = ngettext(
            "%(count)s mail is sent again.", "%(count)s mails are sent again.", len(sent)
        )
        self.message_user(request, text % {"count": len(sent)})

    @admin.display(description=_("about"))
    def about(self, notification: Notification) -> str:
        """Return the row it speaks of; of a vote that is to be confirmed the voter alone."""
        row: Entry | Voter | None = notification.entry
        if notification.voter:
            row = notification.voter
        if row is None:
            return "–"
        path = reverse(f"admin:contests_{type(row).__name__.lower()}_change", args=[row.pk])
        return format_html('<a href="{}">{}</a>', path, row)


@admin.register(Voter)
class VoterAdmin(ReadOnly):
    """Who votes, not for what: how many votes a person has cast is all that support needs."""

    list_display = ("__str__", "contest", "verified_at")
    list_select_related = ("contest",)
    search_fields = ("=id", "contest__url")
    fields = ("contest", "email", "verified_at", "votes")

    @admin.display(description=_("votes"))
    def votes(self, voter: Voter) -> int:
        """Return how many entries the person has voted for or against."""
        return voter.ballot.choices.count() if hasattr(voter, "ballot") else 0


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    """Processes of the fleet, as they last told of themselves."""

    list_display = ("name", "instance", "version", "concurrency", "draining", "seen_at")
    list_filter = ("draining",)
    fields = (*list_display, "started_at")
