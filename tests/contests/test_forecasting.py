"""What organizers read of the time their videos will take."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from contests import fleet, forecasting
from contests.models import Conversion, Entry, State
from tests.factories import make_contest, make_conversion, make_entry, make_ready_entry, make_user

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def contest(minutes=60, **fields):
    """A contest that is closed for submissions and whose voting opens in so many minutes."""
    dates = {
        "submissions_open": NOW - timedelta(days=9),
        "submissions_close": NOW - timedelta(minutes=1),
        "voting_open": NOW + timedelta(minutes=minutes),
        "voting_close": NOW + timedelta(days=9),
    }
    return make_contest(**dates | fields)


def wait(contest, number, submitted=timedelta(hours=2), **fields):
    """So many entries that wait, submitted so long ago."""
    for _ in range(number):
        entry = make_entry(contest, **fields)
        Entry.objects.filter(pk=entry.pk).update(submitted_at=NOW - submitted)
        entry.conversions.update(queued_at=NOW - submitted)


def measured(minutes=5.0):
    """Past conversions, in another contest, that took so long each."""
    entry = make_entry(contest(), state=State.SUCCEEDED)
    Entry.objects.filter(pk=entry.pk).update(submitted_at=NOW - timedelta(days=1))
    finished = NOW - timedelta(hours=3)
    started = finished - timedelta(minutes=minutes)
    entry.conversions.update(started_at=started, finished_at=finished)


def said(contest, language="en"):
    with translation.override(language):
        return forecasting.sentence(contest, NOW)


def test_nothing_waits():
    mine = contest()
    assert said(mine) == ""
    fleet.beat("w-1", 1)
    measured()
    make_ready_entry(mine)
    assert said(mine) == ""


def test_no_worker_is_alive():
    mine = contest()
    fleet.beat("w-1", 1, draining=True)
    wait(mine, 1)
    assert said(mine) == "1 video waits to be converted, and no worker is running."
    assert said(mine, "es") == "1 vídeo espera su conversión y no hay ningún worker en marcha."
    wait(mine, 1)
    assert said(mine) == "2 videos wait to be converted, and no worker is running."
    assert said(mine, "es") == "2 vídeos esperan su conversión y no hay ningún worker en marcha."


def test_nothing_was_measured_yet():
    mine = contest()
    fleet.beat("w-1", 1)
    wait(mine, 1)
    assert said(mine) == (
        "1 video waits to be converted. How long that takes we know once the first one is ready."
    )
    assert said(mine, "es") == (
        "1 vídeo espera su conversión. Sabremos cuánto tarda cuando esté listo el primero."
    )
    wait(mine, 1)
    assert said(mine) == (
        "2 videos wait to be converted. How long that takes we know once the first one is ready."
    )
    assert said(mine, "es") == (
        "2 vídeos esperan su conversión. Sabremos cuánto tardan cuando esté listo el primero."
    )


def test_late_and_what_would_help():
    mine = contest(minutes=20)
    fleet.beat("w-1", 1)
    measured(minutes=5)
    wait(mine, 5)
    assert said(mine) == (
        "At this pace 1 video will not be ready when voting opens, but about 5 minutes later. "
        "1 more worker would do it."
    )
    assert said(mine, "es") == (
        "A este ritmo, 1 vídeo no estará listo cuando se abra la votación, sino unos 5 minutos "
        "después. Bastaría con 1 worker más."
    )
    wait(mine, 5)
    assert said(mine) == (
        "At this pace 6 videos will not be ready when voting opens, the last one about 30 minutes "
        "later. 2 more workers would do it."
    )
    assert said(mine, "es") == (
        "A este ritmo, 6 vídeos no estarán listos cuando se abra la votación; el último, unos 30 "
        "minutos después. Bastaría con 2 workers más."
    )


def test_late_whatever_one_does():
    mine = contest(minutes=2)
    fleet.beat("w-1", 1)
    measured(minutes=5)
    wait(mine, 1)
    assert said(mine) == (
        "At this pace 1 video will not be ready when voting opens, but about 3 minutes later. "
        "More workers would make it less late, but not in time any more."
    )
    assert said(mine, "es") == (
        "A este ritmo, 1 vídeo no estará listo cuando se abra la votación, sino unos 3 minutos "
        "después. Con más workers se retrasaría menos, pero ya no llegaría a tiempo."
    )


def test_in_time_with_room():
    mine = contest(minutes=65)
    fleet.beat("w-1", 1)
    measured(minutes=5)
    wait(mine, 1)
    assert said(mine) == (
        "1 video waits to be converted. It will be ready in about 5 minutes, about 60 minutes "
        "before voting opens."
    )
    assert said(mine, "es") == (
        "1 vídeo espera su conversión. Estará listo en unos 5 minutos, unos 60 minutos antes de "
        "que se abra la votación."
    )
    wait(mine, 2)
    assert said(mine) == (
        "3 videos wait to be converted. All will be ready in about 15 minutes, about 50 minutes "
        "before voting opens."
    )
    assert said(mine, "es") == (
        "3 vídeos esperan su conversión. Todos estarán listos en unos 15 minutos, unos 50 minutos "
        "antes de que se abra la votación."
    )


def test_voting_has_opened():
    mine = contest(minutes=-5)
    fleet.beat("w-1", 2)
    measured(minutes=5)
    wait(mine, 1)
    assert said(mine) == (
        "Voting has opened, and 1 video still waits to be converted. It will be ready in about 5 "
        "minutes."
    )
    assert said(mine, "es") == (
        "La votación ya está abierta y 1 vídeo todavía espera su conversión. Estará listo en unos "
        "5 minutos."
    )
    wait(mine, 2)
    assert said(mine) == (
        "Voting has opened, and 3 videos still wait to be converted. The last one will be ready "
        "in about 10 minutes."
    )
    assert said(mine, "es") == (
        "La votación ya está abierta y 3 vídeos todavía esperan su conversión. El último estará "
        "listo en unos 10 minutos."
    )


def unmeasured(contest, number):
    """So many entries that came half an hour ago, and are ready; nobody knows how long it took."""
    wait(contest, number, timedelta(minutes=30), state=State.SUCCEEDED)
    Conversion.objects.filter(entry__contest=contest).update(started_at=None)


def test_what_runs_and_what_others_wait_for_takes_its_time():
    mine, yours = contest(minutes=65), contest()
    fleet.beat("w-1", 1)
    fleet.beat("w-2", 1, draining=True)
    measured(minutes=5)
    wait(mine, 1)
    wait(mine, 1, withdrawn_at=NOW)
    wait(yours, 1, timedelta(hours=3))  # before ours
    wait(yours, 1, timedelta(hours=1.5))  # after it
    again = make_ready_entry(mine)
    unmeasured(mine, 0)
    make_conversion(again, State.QUEUED, queued_at=NOW - timedelta(hours=4))
    for worker in ("w-1", "w-2", "dead"):
        wait(yours, 1, timedelta(hours=5), state=State.RUNNING)
        Conversion.objects.filter(state=State.RUNNING, worker="").update(
            worker=worker, ready_at=NOW + timedelta(minutes=10)
        )
    # First what w-1 is at, then the dead worker's, the one that is made again, yours, ours.
    assert said(mine) == (
        "1 video waits to be converted. It will be ready in about 30 minutes, about 35 minutes "
        "before voting opens."
    )


def test_what_comes_is_expected_to_come_on():
    mine = contest(minutes=60, submissions_close=NOW + timedelta(minutes=60))
    fleet.beat("w-1", 1)
    measured(minutes=5)
    unmeasured(mine, 24)
    # One comes every 2.5 minutes, first in 1.25, and one is ready every 5 minutes. So the 12th is
    # ready after 61.25 minutes, the 24th after 121.25, where 63.75 would have been possible.
    assert said(mine) == (
        "At this pace 13 videos will not be ready when voting opens, the last one about 58 minutes "
        "later. 1 more worker would do it."
    )


def test_a_pace_lasts_no_longer_than_submissions():
    mine = contest(minutes=60)
    fleet.beat("w-1", 1)
    measured(minutes=5)
    unmeasured(mine, 24)
    assert said(mine) == ""


def test_the_crowd_costs_no_more_queries(django_assert_num_queries):
    mine = contest()
    measured()
    ada = make_user("ada@example.org")
    for crowd in range(2):
        for number in range(1 + 4 * crowd):
            fleet.beat(f"w-{crowd}-{number}", 2)
            wait(mine, 1, timedelta(minutes=5))
            wait(contest(organizer=ada), 1, timedelta(minutes=5))
        # workers, recent conversions, what waits, the pace
        with django_assert_num_queries(4):
            said(mine)
