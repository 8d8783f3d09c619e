"""A contest once more."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends import storage, storage_folder
from contests import asking, duplicating
from contests.deleting import delete_contest
from contests.models import Category, Code, Contest, Event, Question, Role
from contests.ruling import write
from tests.factories import make_contest, make_ready_entry, make_user, owner_of, store

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_settings_come_along_and_what_people_brought_does_not() -> None:
    key = storage.new_key(storage.CONTEST_IMAGES, ".png", private=True)
    store(key, b"logo")
    contest = make_contest(
        url="river",
        logo_key=key,
        visibility="private",
        password="hash",
        max_seconds=90,
        accent="#b03060",
        preview_token="secret",
    )
    old = owner_of(contest)
    for text in ("First.", "Second."):
        write(contest, old, text, [{"text": "Mine.", "required": True}], seen=contest.rules.count())
    asking.add(Category(contest=contest, name="Under 18"), old)
    asking.add(Question(contest=contest, text="With?", kind="choice", options=["a", "b"]), old)
    Code.objects.create(contest=contest, kind="submit", code="ABCD")
    make_ready_entry(contest)
    Event.objects.all().delete()
    by = make_user()
    made = Contest.objects.get(pk=duplicating.duplicate(contest, by, NOW).pk)
    assert (made.url, made.name, made.max_seconds) == ("river-2", contest.name, 90)
    assert (made.announced_at, made.preview_token, made.password) == (None, "", "hash")
    assert list(made.team.values_list("user", "role")) == [(by.pk, Role.OWNER)]
    assert [(each.version, each.text) for each in made.rules.all()] == [(1, "Second.")]
    assert [each.name for each in made.categories.all()] == ["Under 18"]
    assert made.questions.get().options == ["a", "b"]
    assert (made.entries.count(), made.codes.count()) == (0, 0)
    assert (contest.rules.count(), contest.categories.count(), contest.questions.count()) == (
        2,
        1,
        1,
    )
    told = Event.objects.values_list("contest", "action", "detail")
    assert list(told) == [(made.pk, "contest_made", {"copy_of": contest.pk})]
    assert made.created_at > contest.created_at
    assert duplicating.duplicate(contest, by, NOW).url == "river-3"
    delete_contest(contest)
    assert made.logo_key.startswith("private/")
    assert storage_folder.path_of(made.logo_key).read_bytes() == b"logo"


@pytest.mark.django_db
def test_a_lost_picture_and_a_long_address_are_no_hindrance() -> None:
    key = storage.new_key(storage.CONTEST_IMAGES, ".jpg")
    contest = make_contest(url="x" * 59 + "y", image_key=key)
    made = duplicating.duplicate(contest, make_user(), NOW)
    assert (made.image_key, made.url) == ("", "x" * 58 + "-2")


def contest(opens: datetime, zone: str = "UTC", **fields: Any) -> Contest:
    days = {"submissions_close": 10, "voting_open": 10, "voting_close": 20}
    dates = {name: opens + timedelta(days=count) for name, count in days.items()}
    return Contest(**{"submissions_open": opens, "zone": zone, **dates, **fields})


@pytest.mark.parametrize(
    "opened, again",
    [
        ("2026-11-25T08:00", "2026-11-25T08:00"),  # ahead: left alone
        ("2026-11-18T08:00", "2026-11-25T08:00"),
        ("2026-11-20T23:00", "2026-11-27T23:00"),  # today is too soon
        ("2026-10-05T08:00", "2026-11-23T08:00"),  # over the end of summer time
        ("2026-02-02T08:00", "2027-02-01T08:00"),  # a yearly one
        ("2025-12-01T08:00", "2026-11-30T08:00"),
        ("2020-03-02T08:00", "2027-03-01T08:00"),
    ],
)
def test_dates_lie_ahead_on_the_same_weekday_and_hour(opened: str, again: str) -> None:
    zone = ZoneInfo("Europe/Madrid")
    opens = datetime.fromisoformat(opened).replace(tzinfo=zone)
    subject = contest(opens.astimezone(UTC), "Europe/Madrid")
    duplicating.move(subject, NOW)
    assert subject.submissions_open.astimezone(zone).isoformat()[:16] == again


START = datetime(2015, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 60 * 24 * 365 * 15).map(lambda count: START + timedelta(minutes=count))


@given(
    opens=MOMENTS,
    gaps=st.lists(st.integers(1, 60 * 24 * 90), min_size=3, max_size=3),
    now=MOMENTS,
    zone=st.sampled_from(["UTC", "Europe/Madrid", "America/Santiago", "Australia/Lord_Howe"]),
)
def test_moved_dates_stay_in_order_and_lie_ahead(opens, gaps, now, zone) -> None:
    closes, voting, ends = (timedelta(minutes=gap) for gap in gaps)
    dates = {
        "submissions_close": opens + closes,
        "voting_open": opens + voting,
        "voting_close": opens + closes + voting + ends,
        "results_at": opens + closes + voting + ends,
    }
    subject = contest(opens, zone, **dates)
    subject.clean()
    before = opens.astimezone(subject.tzinfo)
    duplicating.move(subject, now)
    subject.clean()
    after = subject.submissions_open.astimezone(subject.tzinfo)
    assert after.date() > now.astimezone(subject.tzinfo).date()
    assert (after.date() - before.date()).days % 7 == 0
