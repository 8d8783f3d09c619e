"""What a contest asks of its videos, and the worker sees to."""

import pytest

from contests.models import Conversion, State
from contests.submitting import submit_file
from tests.factories import make_contest
from tests.looking import make
from workerjob.convert import Tools
from workerjob.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_video_may_be_no_longer_than_its_contest_says(tmp_path):
    film = make(tmp_path / "a.mp4", *["-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=2.5"])
    for seconds in (1, 2):  # cameras are no stopwatches: up to a second more will do
        contest = make_contest(max_seconds=seconds)
        submit_file(contest, film, language="en", title="T", first_name="A", email="a@example.org")
    Worker(Tools()).run(burst=True)
    ended = Conversion.objects.order_by("pk").values_list("state", "reason")
    assert list(ended) == [(State.FAILED, "too_long"), (State.SUCCEEDED, "")]
