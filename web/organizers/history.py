"""The audit trail in words: who did what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contests.models import Contest, Entry, Event, Report

# Who acted, where it was nobody with an account.
ACTORS: dict[str, Promise] = {
    "participant": gettext_lazy("The author"),
    "visitor": gettext_lazy("A visitor"),
    "staff": gettext_lazy("Staff of the site"),
    "service": gettext_lazy("The service"),
    "team": gettext_lazy("Somebody of the team"),
}
ACTIONS: dict[str, Promise] = {
    "contest_made": gettext_lazy("made the contest"),
    "contest_changed": gettext_lazy("changed the contest"),
    "contest_announced": gettext_lazy("announced the contest"),
    "preview_made": gettext_lazy("made a preview link"),
    "preview_revoked": gettext_lazy("revoked the preview link"),
    "result_published": gettext_lazy("published the result"),
    "result_taken_back": gettext_lazy("took the result back"),
    "codes_made": gettext_lazy("made codes"),
    "codes_revoked": gettext_lazy("revoked codes"),
    "rules_changed": gettext_lazy("wrote a new version of the rules"),
    "category_added": gettext_lazy("added a category"),
    "category_changed": gettext_lazy("changed a category"),
    "category_moved": gettext_lazy("put the categories into another order"),
    "category_removed": gettext_lazy("removed a category"),
    "question_added": gettext_lazy("added a question"),
    "question_changed": gettext_lazy("changed a question"),
    "question_moved": gettext_lazy("put the questions into another order"),
    "question_removed": gettext_lazy("removed a question"),
    "contest_exported": gettext_lazy("exported the videos' data"),
    "team_joined": gettext_lazy("joined the team"),
    "team_role_changed": gettext_lazy("changed somebody's role in the team"),
    "team_invited": gettext_lazy("invited somebody into the team"),
    "team_invited_again": gettext_lazy("invited somebody into the team once more"),
    "team_invitation_revoked": gettext_lazy("took back an invitation into the team"),
    "team_left": gettext_lazy("left the team"),
    "team_removed": gettext_lazy("took somebody out of the team"),
    "entry_submitted": gettext_lazy("submitted the video for its author"),
    "entry_approved": gettext_lazy("approved the video"),
    "entry_changes_asked": gettext_lazy("asked for changes to the video"),
    "entry_rejected": gettext_lazy("rejected the video"),
    "decision_undone": gettext_lazy("took a decision on the video back"),
    "entry_changed": gettext_lazy("changed what is said about the video"),
    "entry_sent_again": gettext_lazy("sent the video again for review"),
    "poster_chosen": gettext_lazy("chose the video's picture"),
    "captions_added": gettext_lazy("added subtitles to the video"),
    "captions_removed": gettext_lazy("removed subtitles of the video"),
    "entry_reported": gettext_lazy("reported the video"),
    "reports_dismissed": gettext_lazy("saw the reports and found nothing wrong"),
    "entry_withdrawn": gettext_lazy("withdrew the video"),
    "entry_erased": gettext_lazy("had the video's personal data erased"),
    "people_erased": gettext_lazy("erased the personal data, as the contest's settings say"),
    "conversion_retried": gettext_lazy("had the conversion tried again"),
    "converted_again": gettext_lazy("had the video converted again"),
}


@dataclass(frozen=True)
class Line:
    """One thing that somebody did. `note` is what they said, as they wrote it; often empty."""

    who: str
    what: str
    note: str
    at: datetime
    entry: Entry | None
    undone: bool


def lines(events: Iterable[Event]) -> list[Line]:
    """Return a line for each event; those come with their users and entries."""
    return [
        Line(
            who=_who(event),
            what=str(ACTIONS.get(event.action) or _unknown(event.action)),
            note=_note(event),
            at=event.at,
            entry=event.entry,
            undone=event.undone_at is not None,
        )
        for event in events
    ]


def _who(event: Event) -> str:
    """Whoever it was; of the site's staff teams learn no address."""
    if event.user and event.actor != "staff":
        return event.user.email
    return str(ACTORS.get(event.actor, event.actor))


def _unknown(action: str) -> str:
    """What a newer version wrote, or an older one; at least its name."""
    return _("did something else: %(name)s") % {"name": action.replace("_", " ")}


def _note(event: Event) -> str:
    detail = event.detail
    match event.action:
        case "entry_changes_asked" | "entry_rejected":
            return str(detail.get("after", ["", ""])[1])
        case "entry_reported" if detail.get("reason") in Report.Reason.values:
            return str(Report.Reason(detail["reason"]).label)
        case "decision_undone":
            return str(ACTIONS.get(detail.get("of", ""), ""))
        case "rules_changed":
            return _("Version %(n)s") % {"n": detail.get("version", "")}
        case "contest_changed":
            return ", ".join(_field(name) for name in detail.get("changes", ()))
    if event.action.startswith(("category_", "question_")):
        return str(detail.get("name", ""))
    return ""


def _field(name: str) -> str:
    """A field's name as its form has it."""
    try:
        return str(getattr(Contest._meta.get_field(name), "verbose_name", name))  # noqa: SLF001
    except FieldDoesNotExist:
        return name.replace("_", " ")
