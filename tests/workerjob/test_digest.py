"""The fingerprint of what was sent."""

import hashlib
import threading

import pytest

from backends.storage import Stopped
from contests import converting
from contests.models import Conversion, State, Upload
from tests.factories import make_contest, make_entry, make_upload
from tests.media import clip
from workerjob import digest
from workerjob.convert import Tools
from workerjob.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_kept_of_what_is_published_and_of_what_is_refused():
    contents = [clip("mp4").read_bytes(), b"\0no video" * 1000]
    contest = make_contest()
    for content in contents:
        entry = make_entry(contest, upload=make_upload(contest, content=content))
        converting.ring(entry.conversions.get().pk)
    Worker(Tools()).run(burst=True)
    states = Conversion.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.SUCCEEDED, State.FAILED]
    kept = Upload.objects.order_by("pk").values_list("digest", flat=True)
    assert list(kept) == [hashlib.sha256(each).hexdigest() for each in contents]


def test_known_it_is_not_made_again_and_work_that_must_end_ends(tmp_path):
    source, stop = tmp_path / "source", threading.Event()
    source.write_bytes(b"12345")
    claim = converting.claim(make_entry().conversions.get().pk, "w1")
    stop.set()
    with pytest.raises(Stopped):
        digest.keep(claim, source, stop)
    Upload.objects.update(digest="known")
    Conversion.objects.update(state=State.QUEUED)
    again = converting.claim(claim.id, "w2")
    digest.keep(again, tmp_path / "none", stop)
    assert Upload.objects.get().digest == "known"
