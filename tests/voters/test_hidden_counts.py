"""While votes are not shown, no page lets anybody guess them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from contests.voting import vote
from tests.factories import make_contest, make_ready_entry, make_user, make_voter

pytestmark = pytest.mark.django_db


def cast(entry, votes_for: int, votes_against: int) -> None:
    for value in [1] * votes_for + [-1] * votes_against:
        vote(make_voter(entry.contest), entry, value, entry.contest.voting_open)


def seen(client, contest, entry) -> list[str]:
    """Every page and fragment with a contest's votes, without what differs at each look."""
    page = contest.get_absolute_url()
    fragment = client.post(
        f"{page}votar/{entry.pk}/", {"value": "1"}, headers={"HX-Request": "true"}
    )
    assert fragment.status_code == 200
    answers = [client.get(path) for path in (page, entry.get_absolute_url(), f"{page}ranking/")]
    changing = r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"|orden=[\d-]+'
    return [re.sub(changing, "", answer.text) for answer in (*answers, fragment)]


@pytest.mark.parametrize("results", [None, timedelta(days=3)])
def test_pages_are_the_same_however_people_voted(client, results):
    now = timezone.now()
    contest = make_contest(live_counts=False, results_at=results and now + results)
    first, second = make_ready_entry(contest), make_ready_entry(contest)
    client.force_login(make_user())
    before = seen(client, contest, first)
    cast(first, 17, 3)
    cast(second, 1, 5)
    assert seen(client, contest, first) == before


def test_the_same_look_finds_counts_that_are_shown(client):
    contest = make_contest(live_counts=True)
    entry = make_ready_entry(contest)
    client.force_login(make_user())
    before = seen(client, contest, entry)
    cast(entry, 17, 3)
    after = seen(client, contest, entry)
    assert [a != b for a, b in zip(before, after, strict=True)] == [True] * 4


def test_the_ranking_says_when_the_result_comes_and_then_shows_it(client):
    now = timezone.now()
    contest = make_contest(
        live_counts=False,
        voting_close=now + timedelta(days=2),
        results_at=now + timedelta(days=3),
        zone="UTC",
    )
    entry = make_ready_entry(contest)
    cast(entry, 2, 0)
    ranking = f"{contest.get_absolute_url()}ranking/"
    page = client.get(ranking).text
    assert "The result is not public yet" in page
    assert f'<time datetime="{contest.results_at:%Y-%m-%dT%H:%M}' in page
    contest.results_at = None
    contest.save()
    assert "The organizer publishes it once voting is over." in client.get(ranking).text
    contest.submissions_close = contest.voting_close = contest.results_at = now
    contest.save()
    page = client.get(ranking).text
    assert "<h1>The result</h1>" in page
    assert re.findall(r"<b>(\d+)</b>", page) == ["2"]
