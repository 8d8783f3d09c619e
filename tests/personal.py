"""People's traces in the rows: leaving them everywhere, and looking for them."""

from datetime import timedelta
from typing import Any

from django.core import serializers
from django.utils import timezone

from contests import moderating
from contests.models import (
    Acceptance,
    Answer,
    Captions,
    Code,
    Contest,
    Entry,
    Event,
    Notification,
    Question,
    Report,
    Upload,
    Voter,
)
from tests.factories import (
    make_code,
    make_ready_entry,
    make_rules,
    owner_of,
)

SECRET = "Xochitl"  # in everything personal that an entry holds


def over(contest: Contest, days: int = 0) -> Contest:
    """Let voting have closed so many days ago, and a minute."""
    dates = ("submissions_open", "submissions_close", "voting_open", "voting_close")
    closed = timezone.now() - timedelta(days=days, minutes=1)
    for ago, date in enumerate(reversed(dates)):
        setattr(contest, date, closed - timedelta(days=ago))
    contest.save()
    return contest


def make_full_entry(contest: Contest, **fields: Any) -> Entry:
    """One that holds the secret wherever a person can have left it."""
    personal: dict[str, Any] = dict.fromkeys(
        ("first_name", "last_name", "title", "description"), SECRET
    )
    code = make_code(contest, Code.Kind.SUBMIT)
    entry = make_ready_entry(
        contest, **personal, email=f"{SECRET}@example.org", code=code, text_description=SECRET
    )
    Upload.objects.filter(entry=entry).update(filename=f"{SECRET}.avi", digest="5e" * 32)
    question = Question.objects.create(contest=contest, text="Where?")
    Answer.objects.create(entry=entry, question=question, text=SECRET)
    Captions.objects.create(entry=entry, language="es", text=f"WEBVTT\n{SECRET}")
    Report.objects.create(entry=entry, reason="other", text=f"I know {SECRET}")
    rules = make_rules(contest, ("It is mine.", True))
    Acceptance.objects.create(entry=entry, rules=rules, consents=[0], accepted_at=timezone.now())
    seen = {entry.pk: moderating.version(entry)}
    moderating.ask_changes(contest, seen, owner_of(contest), f"Dear {SECRET}")
    batch = Event.objects.latest("pk").batch
    moderating.undo(contest, batch, owner_of(contest))
    entry.refresh_from_db()
    return entry


def everything() -> str:
    """All rows of the domain, as text."""
    models = (Entry, Upload, Answer, Captions, Report, Event, Notification, Voter)
    return "".join(serializers.serialize("json", each.objects.all()) for each in models)
