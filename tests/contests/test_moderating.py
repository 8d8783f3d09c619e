"""The team's decisions, while others decide, withdraw or edit."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from contests import moderating, notifying, ordering, reporting, withdrawing
from contests.models import Entry, Event, Moderation, Notification, Rendition, Report
from contests.moderating import Done
from contests.reasons import Refused
from tests.factories import make_contest, make_ready_entry, make_user, owner_of
from tests.racing import at_once

pytestmark = pytest.mark.django_db
BLURRED = "Please blur the plate at 0:12."


@pytest.fixture
def entry() -> Entry:
    return make_ready_entry(make_contest(moderated=True), moderation=Moderation.PENDING)


def seen(*entries: Entry) -> dict[int, str]:
    return {entry.pk: moderating.version(Entry.objects.get(pk=entry.pk)) for entry in entries}


def approve(entry: Entry, *others: Entry, by=None) -> Done:
    by = by or owner_of(entry.contest)
    return moderating.approve(entry.contest, seen(entry, *others), by)


def reject(entry: Entry, *others: Entry) -> Done:
    by = owner_of(entry.contest)
    return moderating.reject(entry.contest, seen(entry, *others), by, BLURRED)


def standing(*entries: Entry) -> list[tuple[str, str]]:
    rows = Entry.objects.filter(pk__in=[each.pk for each in entries]).order_by("pk")
    return list(rows.values_list("moderation", "moderation_reason"))


def areas(entry: Entry) -> set[bool]:
    """Whether its files lie in the private area."""
    keys = Rendition.objects.filter(conversion__entry=entry).values_list("key", flat=True)
    return {key.startswith("private/") for key in keys}


def let_time_pass() -> None:
    Notification.objects.update(due_at=Now() - timedelta(seconds=1))


def events(*names: str) -> list[tuple]:
    rows = Event.objects.filter(entry__isnull=False).order_by("pk")
    return list(rows.values_list("action", *names))


def test_one_decision_on_several_is_one_batch_with_an_event_each(entry, mailoutbox):
    other = make_ready_entry(entry.contest)
    done = reject(entry, other)
    assert (done.changed, done.left) == (2, 0)
    assert standing(entry, other) == [("rejected", BLURRED)] * 2
    owner = owner_of(entry.contest).pk
    assert events("entry", "user", "actor", "batch", "detail__before") == [
        ("entry_rejected", entry.pk, owner, "team", done.batch, ["pending", ""]),
        ("entry_rejected", other.pk, owner, "team", done.batch, ["approved", ""]),
    ]
    assert (areas(entry), areas(other)) == ({True}, {True})
    assert not Entry.objects.public().exists()


def test_asking_for_changes_hides_until_it_is_approved(entry):
    by = owner_of(entry.contest)
    moderating.ask_changes(entry.contest, seen(entry), by, f"  {BLURRED}\n")
    assert (standing(entry), areas(entry)) == ([("changes", BLURRED)], {True})
    approve(entry)
    assert (standing(entry), areas(entry)) == ([("approved", "")], {False})


def test_what_is_approved_late_or_again_is_found_by_who_came_before(entry):
    contest, by = entry.contest, owner_of(entry.contest)
    Entry.objects.filter(pk=entry.pk).update(public_at=Now() - timedelta(hours=1))
    held = ordering.deck_for(contest)
    done = approve(entry)
    assert ordering.order(held, 1) == [entry.pk]
    Entry.objects.filter(pk=entry.pk).update(public_at=Now() - timedelta(hours=1))
    moderating.undo(contest, done.batch, by)
    assert ordering.order(held, 1) == []
    done = approve(entry)
    rejected = reject(entry)
    Entry.objects.filter(pk=entry.pk).update(public_at=Now() - timedelta(hours=1))
    moderating.undo(contest, rejected.batch, by)
    assert (done.changed, ordering.order(held, 1)) == (1, [entry.pk])


@pytest.mark.parametrize(
    "reason, code", [(" \n", "reason_needed"), ("x" * 2001, "reason_too_long")]
)
def test_who_says_no_says_why(entry, reason, code):
    for verb in (moderating.reject, moderating.ask_changes):
        with pytest.raises(Refused) as refused:
            verb(entry.contest, seen(entry), owner_of(entry.contest), reason)
        assert refused.value.code == code
    assert (standing(entry), events()) == ([("pending", "")], [])


def test_what_changed_since_it_was_seen_stays(entry):
    edited, other = make_ready_entry(entry.contest), make_ready_entry()
    asked = seen(entry, edited, other)
    approve(entry)
    Entry.objects.filter(pk=edited.pk).update(edited_at=timezone.now())
    done = moderating.reject(entry.contest, asked, owner_of(entry.contest), BLURRED)
    assert (done.changed, done.left) == (0, 3)  # the last one is another contest's
    assert standing(entry, edited, other) == [("approved", "")] * 3


def test_the_mail_waits_for_a_minute_and_says_what_then_stands(entry, mailoutbox):
    reject(entry)
    assert notifying.send_due() == 0
    approve(entry)
    let_time_pass()
    assert (notifying.send_due(), [mail.subject for mail in mailoutbox]) == (
        1,
        ["Your video is approved"],
    )
    reject(entry)
    let_time_pass()
    notifying.send_due()
    assert "has decided not to show your video" in mailoutbox[1].body
    assert BLURRED not in mailoutbox[1].body
    assert entry.manage_url in mailoutbox[1].body


def test_undone_nothing_has_happened(entry, mailoutbox):
    other = make_ready_entry(entry.contest)
    by = owner_of(entry.contest)
    done = reject(entry, other)
    assert moderating.undo(entry.contest, done.batch, by) == Done(done.batch, 2, 0)
    assert standing(entry, other) == [("pending", ""), ("approved", "")]
    assert (areas(entry), areas(other)) == ({True}, {False})
    let_time_pass()
    assert (notifying.send_due(), mailoutbox) == (0, [])
    assert moderating.undo(entry.contest, done.batch, by) == Done(done.batch, 0, 0)
    assert [action for (action,) in events()] == ["entry_rejected"] * 2 + ["decision_undone"] * 2


def test_what_was_decided_again_since_is_not_undone(entry):
    other = make_ready_entry(entry.contest, moderation=Moderation.PENDING)
    by = owner_of(entry.contest)
    first, second = reject(entry, other), approve(entry)
    assert moderating.undo(entry.contest, first.batch, by) == Done(first.batch, 1, 1)
    assert standing(entry, other) == [("approved", ""), ("pending", "")]
    moderating.undo(entry.contest, second.batch, by)
    moderating.undo(entry.contest, first.batch, by)
    assert standing(entry) == [("pending", "")]
    foreign = make_contest()
    batch = approve(other).batch
    assert moderating.undo(foreign, batch, by) == Done(batch, 0, 0)


def test_who_was_told_already_is_told_again(mailoutbox):
    entry = make_ready_entry()
    done = reject(entry)
    let_time_pass()
    notifying.send_due()
    moderating.undo(entry.contest, done.batch, owner_of(entry.contest))
    notifying.send_due()
    assert [mail.subject for mail in mailoutbox] == [
        "News about your video",
        "Your video is approved",
    ]


def test_a_decision_closes_reports_and_undoing_it_opens_them(entry):
    approve(entry)
    reporting.report(entry, "rights", "It is mine.")
    done = reject(entry)
    assert not Report.objects.filter(closed_at=None).exists()
    moderating.undo(entry.contest, done.batch, owner_of(entry.contest))
    assert Report.objects.filter(closed_at=None, closed_by=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_decides(entry):
    other = make_ready_entry(entry.contest, moderation=Moderation.PENDING)
    by, asked = [make_user(), make_user()], seen(entry, other)
    approved, rejected = at_once(
        lambda: moderating.approve(entry.contest, asked, by[0]),
        lambda: moderating.reject(entry.contest, asked, by[1], BLURRED),
    )
    assert sorted([approved.changed, rejected.changed]) == [0, 2]
    expected = ("approved", "") if approved.changed else ("rejected", BLURRED)
    assert standing(entry, other) == [expected] * 2
    assert (areas(entry), len(events())) == ({not approved.changed}, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", range(2))
def test_what_is_withdrawn_while_it_is_approved_is_gone(settings, entry, first):
    asked, by = seen(entry), owner_of(entry.contest)
    acts = [
        lambda: moderating.approve(entry.contest, asked, by),
        lambda: withdrawing.withdraw(entry, timezone.now()),
    ]
    at_once(*acts[first:], *acts[:first])
    assert not Entry.objects.public().exists()
    assert not Notification.objects.filter(sent_at=None).exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
