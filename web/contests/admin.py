"""Contests and what is in them, for support: everything to look at, some things to do by verbs.

No page shows a token, or links a person to a vote. Addresses stand on a row's own page only.
"""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.staff import MOST_ROWS, LookInside, ReadOnly, name, staff_of
from contests import (
    admin_history,  # noqa: F401  (its tables are here, too)
    reasons,
    reconverting,
    results,
    retrying,
    withdrawing,
)
from contests.admin_words import FIELDS, MODELS
from contests.models import (
    Contest,
    Conversion,
    Entry,
    Member,
    Rendition,
    TeamInvitation,
)


class Conversions(LookInside):
    """An entry's conversions."""

    model = Conversion
    fields = ("state", "reason", "failures", "queued_at", "finished_at", "superseded_at")
    show_change_link = True
    ordering = ("-pk",)


class Renditions(LookInside):
    """A conversion's files."""

    model = Rendition
    fields = ("kind", "number", "key", "codec", "width", "height", "duration", "size")


class Members(LookInside):
    """A contest's team."""

    model = Member
    fields = ("user", "role", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        """Return the team with its people."""
        return super().get_queryset(request).select_related("user")


class TeamInvitations(LookInside):
    """Who is invited into a team, without what they answer with."""

    model = TeamInvitation
    fields = ("email", "role", "created_at")


@admin.register(Contest)
class ContestAdmin(ReadOnly):
    """Contests; their teams change them on their own pages."""

    list_display = ("name", "url", "visibility", "announced_at", "submissions_open", "voting_close")
    list_filter = ("visibility",)
    search_fields = ("name", "url")
    fields = (
        *("name", "url", "description", "contact", "visibility", "by_invitation", "moderated"),
        *("announced_at", "zone", "submissions_open", "submissions_close", "grace_minutes"),
        *("voting_open", "voting_close", "live_counts", "results_at", "max_entries", "max_seconds"),
        *("max_bytes", "retention_days", "erased_at", "created_at"),
    )
    inlines = (Members, TeamInvitations)


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    """Entries: staff have them converted again, or withdraw them."""

    list_display = ("__str__", "title", "contest", "moderation", "submitted_at", "withdrawn_at")
    list_filter = ("moderation", "language")
    list_select_related = ("contest",)
    search_fields = ("=id", "title", "contest__url")
    fields = (
        *("contest", "title", "description", "text_description", "category", "first_name"),
        *("last_name", "email", "language", "submitted_by", "submitted_at", "edited_at"),
        *("moderation", "moderation_reason", "withdrawn_at", "erased_at", "upload", "published"),
        "votes",
    )
    inlines = (Conversions,)
    actions = ("convert_again", "withdraw")

    @admin.display(description=_("votes"))
    def votes(self, entry: Entry) -> str:
        """Return how many voted for and against; who, nobody sees."""
        counted = results.with_votes(Entry.objects.filter(pk=entry.pk)).get()
        return f"+{counted.votes_for} −{counted.votes_against}"

    @admin.action(description=_("Convert again"))
    def convert_again(self, request: HttpRequest, entries: QuerySet[Entry]) -> None:
        """Queue a new conversion for each."""
        queued = 0
        for entry in entries.select_related("upload")[:MOST_ROWS]:
            outcome = reconverting.reconvert(entry)
            if outcome == reconverting.Outcome.QUEUED:
                queued += 1
                self.log_change(request, entry, "converted again")
            else:
                text = f"{entry}: {_OUTCOMES[outcome]}"
                self.message_user(request, text, messages.WARNING)
        if queued:
            text = ngettext(
                "Queued again: %(count)s video.", "Queued again: %(count)s videos.", queued
            )
            self.message_user(request, text % {"count": queued})

    @admin.action(description=_("Withdraw…"))
    def withdraw(self, request: HttpRequest, entries: QuerySet[Entry]) -> HttpResponse | None:
        """Ask first, because nothing brings them back; then take them out of their contests."""
        chosen = list(entries.select_related("contest", "upload")[:MOST_ROWS])
        if "confirmed" not in request.POST:
            page = self.admin_site.each_context(request) | {
                "title": _("Withdraw these videos?"),
                "chosen": chosen,
                "checkbox": ACTION_CHECKBOX_NAME,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/contests/withdraw.html", page)
        for entry in chosen:
            try:
                withdrawing.withdraw(entry, timezone.now(), staff_of(request))
            except reasons.Refused as refused:
                text = f"{entry}: {reasons.text(refused.code, get_language() or '')}"
                self.message_user(request, text, messages.ERROR)
            else:
                self.log_change(request, entry, "withdrawn")
                text = _("%(entry)s is withdrawn.") % {"entry": entry}
                self.message_user(request, text)
        return None


_OUTCOMES = {
    reconverting.Outcome.ON_ITS_WAY: _("already on its way"),
    reconverting.Outcome.WITHDRAWN: _("withdrawn"),
    reconverting.Outcome.NO_SOURCE: _("its original is gone"),
}


@admin.register(Conversion)
class ConversionAdmin(ReadOnly):
    """Conversions: staff let those run again that were refused or are stuck."""

    list_display = ("__str__", "entry", "state", "reason", "failures", "queued_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("entry",)
    search_fields = ("=id", "=entry__id", "=reason", "worker")
    fields = (
        *("entry", "state", "attempt", "failures", "worker", "lease_until", "percent", "ready_at"),
        *("megapixels", "reason", "error", "queued_at", "ring_at", "started_at", "finished_at"),
        "superseded_at",
    )
    inlines = (Renditions,)
    actions = ("try_again",)

    @admin.action(description=_("Try again"))
    def try_again(self, request: HttpRequest, conversions: QuerySet[Conversion]) -> None:
        """Queue again what was refused or is stuck."""
        chosen = list(conversions[:MOST_ROWS])
        rows = Conversion.objects.filter(pk__in=[each.pk for each in chosen])
        told = retrying.try_again(rows, staff_of(request), "staff")
        self.message_user(request, told)
        for conversion in chosen:
            self.log_change(request, conversion, "told to try again")


name(MODELS, **FIELDS)
