"""Reports of visitors."""

import pytest

from contests import reporting
from contests.models import Event, Moderation, Report
from contests.reasons import Refused
from tests.factories import make_ready_entry, owner_of

pytestmark = pytest.mark.django_db


def test_it_stands_in_the_trail_without_what_the_visitor_wrote():
    entry = make_ready_entry()
    reporting.report(entry, "person", "That is my daughter.")
    event = Event.objects.get()
    assert (event.action, event.actor, event.detail) == (
        "entry_reported",
        "visitor",
        {"reason": "person"},
    )


def test_what_nobody_sees_nobody_reports():
    entry = make_ready_entry(moderation=Moderation.PENDING)
    with pytest.raises(Refused):
        reporting.report(entry, "spam", "")
    assert not Report.objects.exists()


def test_dismissing_closes_what_was_seen():
    entry = make_ready_entry()
    for _ in range(2):
        reporting.report(entry, "spam", "")
    latest = Report.objects.latest("pk").pk
    reporting.report(entry, "rights", "")
    assert reporting.dismiss(entry, owner_of(entry.contest), latest) == 2
    assert reporting.dismiss(entry, owner_of(entry.contest), latest) == 0
    assert [each.reason for each in Report.objects.filter(closed_at=None)] == ["rights"]
    assert Event.objects.latest("pk").action == "reports_dismissed"


def test_of_very_many_only_some_are_kept(monkeypatch):
    monkeypatch.setattr(reporting, "_MOST", 2)
    entry = make_ready_entry()
    for _ in range(3):
        reporting.report(entry, "spam", "")
    assert Report.objects.count() == 2
