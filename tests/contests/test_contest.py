"""A contest's own rules: its dates, its zone, its address."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contests.models import Contest, Phase

START = datetime(2026, 5, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def contest(*days: float, **fields: Any) -> Contest:
    """A contest, not saved, by the days of its four dates."""
    names = ("submissions_open", "submissions_close", "voting_open", "voting_close")
    dates = dict(zip(names, map(day, days), strict=True))
    return Contest(
        **{"announced_at": START, "name": "Any", "url": "any", "zone": "UTC", **dates, **fields}
    )


def errors(subject: Contest) -> dict[str, list[str]]:
    try:
        subject.clean()
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.parametrize(
    "days",
    [(0, 10, 10, 20), (0, 10, 0, 10), (0, 10, 5, 20), (0, 10, 15, 20)],
    ids=["one after the other", "together", "overlapping", "with a pause"],
)
def test_orders_that_are_good(days: tuple[float, ...]) -> None:
    assert errors(contest(*days)) == {}


@pytest.mark.parametrize(
    "days, expected",
    [
        ((0, 0, 5, 9), {"submissions_close": ["Must be after submissions open."]}),
        ((5, 1, 5, 9), {"submissions_close": ["Must be after submissions open."]}),
        ((0, 5, 5, 5), {"voting_close": ["Must be after voting opens."]}),
        ((2, 5, 1, 9), {"voting_open": ["Not before submissions open."]}),
        ((0, 9, 1, 8), {"voting_close": ["Not before submissions close."]}),
        (
            (5, 1, 3, 2),
            {
                "submissions_close": ["Must be after submissions open."],
                "voting_close": ["Must be after voting opens."],
                "voting_open": ["Not before submissions open."],
            },
        ),
    ],
)
def test_orders_that_are_not(days: tuple[float, ...], expected: dict[str, list[str]]) -> None:
    assert errors(contest(*days)) == expected


def test_dates_that_could_not_be_read_have_their_own_errors_already() -> None:
    unread = dict.fromkeys(("submissions_open", "submissions_close", "voting_open"))
    assert errors(contest(0, 1, 2, 3, **unread)) == {}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "america/bogota"])
def test_unknown_zones_are_refused(zone: str) -> None:
    assert errors(contest(0, 1, 2, 3, zone=zone)) == {
        "zone": ["There is no time zone of this name."]
    }


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["a", "short-films-2026", "x" * 60])
def test_good_addresses(url: str) -> None:
    contest(0, 1, 2, 3, url=url).clean_fields()


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["", "A", "a--b", "-a", "a-", "a b", "a/b", "ñ", "a\n", "x" * 61])
def test_bad_addresses(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        contest(0, 1, 2, 3, url=url).clean_fields()
    assert list(caught.value.message_dict) == ["url"]


@pytest.mark.parametrize(
    "when, phase",
    [
        (-1, Phase.SOON),
        (0, Phase.SUBMISSIONS),
        (5, Phase.VOTING),
        (10, Phase.VOTING),
        (20, Phase.CLOSED),
    ],
)
def test_phases(when: int, phase: Phase) -> None:
    assert contest(0, 10, 5, 20).phase(day(when)) == phase


def test_a_draft_is_one_whatever_its_dates() -> None:
    draft = contest(0, 10, 5, 20, announced_at=None)
    assert {draft.phase(day(when)) for when in range(-1, 21)} == {Phase.DRAFT}
    assert not any(draft.accepts_entries(day(when)) for when in range(-1, 21))
    assert not any(draft.accepts_votes(day(when)) for when in range(-1, 21))


def test_a_result_is_published_on_its_date_and_not_before() -> None:
    subject = contest(0, 10, 5, 20, results_at=day(22), live_counts=False)
    phases = [subject.phase(day(when)) for when in (19, 21, 22)]
    assert phases == [Phase.VOTING, Phase.CLOSED, Phase.PUBLISHED]
    assert [subject.shows_counts(day(when)) for when in (19, 21, 22)] == [False, False, True]
    assert contest(0, 10, 5, 20).shows_counts(day(6))


def test_a_pause_between_submissions_and_voting_is_closed() -> None:
    assert contest(0, 10, 15, 20).phase(day(12)) == Phase.CLOSED
