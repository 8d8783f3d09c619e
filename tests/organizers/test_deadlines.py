"""What the form shows and the pages print is what counts, whatever the clocks do that night."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contests.editing import save_contest
from contests.models import Contest
from organizers.dates_forms import DATES, DatesForm
from tests.factories import make_contest, owner_of

pytestmark = pytest.mark.django_db

MOMENT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
# A night on which the zone's clocks are changed, or its law was.
NIGHTS = {
    "Europe/Madrid": ("2026-03-29T01:00Z", "2026-10-25T01:00Z"),
    "America/Santiago": ("2026-04-05T03:00Z", "2026-09-06T04:00Z"),
    "Australia/Lord_Howe": ("2026-04-04T15:00Z", "2026-10-03T15:30Z"),  # by half an hour
    "America/Bogota": ("2026-05-01T05:00Z",),
    "Pacific/Apia": ("2011-12-30T10:00Z", "2026-01-01T00:00Z"),  # once left out a whole day
}
NIGHT = st.sampled_from([(zone, night) for zone, nights in NIGHTS.items() for night in nights])


def printed(client: Client, contest: Contest) -> dict[str, datetime]:
    """The dates on the contest's page."""
    page = client.get(contest.get_absolute_url()).text
    dates = re.search(r'<dl class="dates".*?</dl>', page, re.S)[0]
    moments = map(datetime.fromisoformat, re.findall(r'<time datetime="(.+?)"', dates))
    return dict(zip(DATES, moments, strict=True))


def shown(contest: Contest) -> dict[str, str]:
    """What stands in the form, as the browser sends it."""
    form = DatesForm(instance=contest)
    return {"zone": contest.zone, "grace_minutes": "0"} | {
        name: f"{form[name].value():%Y-%m-%dT%H:%M}" for name in DATES
    }


@pytest.fixture
def contest() -> Contest:
    return make_contest()


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(night=NIGHT, minutes=st.lists(st.integers(-200, 200), min_size=4, max_size=4))
@example(night=("Europe/Madrid", "2026-03-29T01:00Z"), minutes=[-30, -30, 30, 90])
@example(night=("Europe/Madrid", "2026-10-25T01:00Z"), minutes=[-30, 30, 60, 90])
def test_what_is_shown_and_printed_is_what_counts(
    client: Client, contest: Contest, night: tuple[str, str], minutes: list[int]
) -> None:
    zone = ZoneInfo(night[0])
    around = [datetime.fromisoformat(night[1]) + count * MINUTE for count in sorted(minutes)]
    local = [each.astimezone(zone).strftime("%Y-%m-%dT%H:%M") for each in around]
    in_order = ("submissions_open", "voting_open", "submissions_close", "voting_close")
    typed = {"zone": night[0], "grace_minutes": "0", **dict(zip(in_order, local, strict=True))}
    form = DatesForm(typed, instance=Contest.objects.get(pk=contest.pk))
    if form.is_valid():
        save_contest(form.instance, owner_of(contest), DatesForm.Meta.fields)
    else:  # out of order, or it was not to be told apart from an hour before
        assert set(form.errors) <= set(DATES)
    row = Contest.objects.get(pk=contest.pk)
    if form.is_valid():
        assert {name: shown(row)[name] for name in DATES} == {name: typed[name] for name in DATES}
    _check(client, row)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(night=NIGHT, seconds=st.lists(st.integers(0, 9000), min_size=4, max_size=4))
def test_a_form_sent_back_as_it_came_changes_nothing(
    contest: Contest, night: tuple[str, str], seconds: list[int]
) -> None:
    first, *later = sorted(seconds)
    begin = datetime.fromisoformat(night[1]) + timedelta(seconds=first)
    ends = [begin + timedelta(seconds=each - first + 60 * at) for at, each in enumerate(later, 1)]
    moments = dict(zip(DATES, (begin, ends[0], begin, ends[1]), strict=True))
    Contest.objects.filter(pk=contest.pk).update(zone=night[0], **moments)
    row = Contest.objects.get(pk=contest.pk)
    form = DatesForm(shown(row), instance=row)
    assert form.is_valid(), form.errors
    assert not save_contest(form.instance, owner_of(contest), ("zone", *DATES))
    kept = Contest.objects.get(pk=contest.pk)
    assert {name: getattr(kept, name).astimezone(UTC) for name in DATES} == moments


def _check(client: Client, contest: Contest) -> None:
    """Compare the printed dates with what the contest accepts right at them."""
    dates = printed(client, contest)
    for moment in dates.values():
        assert moment.utcoffset() == moment.astimezone(contest.tzinfo).utcoffset()
    opens, closes = dates["submissions_open"], dates["submissions_close"]
    at = [contest.accepts_entries(each) for each in (opens, closes - MOMENT)]
    outside = [contest.accepts_entries(each) for each in (opens - MOMENT, closes)]
    assert (at, outside) == ([True, True], [False, False])
    opens, closes = dates["voting_open"], dates["voting_close"]
    at = [contest.accepts_votes(each) for each in (opens, closes - MOMENT)]
    outside = [contest.accepts_votes(each) for each in (opens - MOMENT, closes)]
    assert (at, outside) == ([True, True], [False, False])
