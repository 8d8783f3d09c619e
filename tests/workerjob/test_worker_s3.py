"""The worker where originals and results lie in S3."""

import signal
import threading
from urllib.parse import urlsplit

import boto3
import pytest

from backends import queue, storage
from backends.models import Undeleted
from backends.queue import Depth
from contests import converting
from contests.models import Conversion, State
from tests import media
from tests.factories import make_contest, make_entry, make_upload
from tests.proxy import Proxy
from tests.waiting import until
from workerjob.convert import Tools
from workerjob.worker import Worker

pytestmark = [pytest.mark.aws, pytest.mark.django_db(transaction=True)]

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def conversion(aws, settings):
    """One whose original somebody has overwritten since it was checked."""
    settings.SQS_URL = ""  # the table's queue: nothing here is about the other
    content = media.clip("flv_h264_aac").read_bytes()
    contest = make_contest()
    upload = make_upload(contest, content)
    upload.version = version_of(aws, upload.key)
    upload.save()
    boto3.client("s3").put_object(Bucket=aws.bucket, Key=upload.key, Body=b"other\0")
    return make_entry(contest, upload=upload).conversions.get()


def version_of(aws, key):
    return boto3.client("s3").head_object(Bucket=aws.bucket, Key=key)["VersionId"]


def work(conversion):
    converting.ring(conversion.pk)
    Worker(Tools()).run(burst=True)
    conversion.refresh_from_db()


def stored(aws):
    listed = boto3.client("s3").list_objects_v2(Bucket=aws.bucket)
    return {each["Key"] for each in listed["Contents"]}


def test_the_pinned_version_is_converted(aws, conversion):
    work(conversion)
    assert (conversion.state, conversion.reason) == (State.SUCCEEDED, "")
    keys = set(conversion.renditions.values_list("key", flat=True))
    assert stored(aws) == keys | {conversion.entry.upload.key}


def test_results_that_can_not_be_stored_are_made_again(aws, s3_at, conversion, monkeypatch):
    really = storage.put

    def put(path, key, stop):
        if key.startswith(storage.POSTERS):
            s3_at(NOBODY)
        really(path, key, stop)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "put", put)
        work(conversion)
    assert (conversion.state, conversion.failures) == (State.QUEUED, 1)
    assert conversion.error.startswith("Unavailable: S3 does not answer")

    s3_at(boto3.client("sqs").meta.endpoint_url)
    noted = set(Undeleted.objects.values_list("key", flat=True))
    assert len(noted & stored(aws)) == 1  # the video, which was stored before the poster
    storage.delete_again()
    assert stored(aws) == {conversion.entry.upload.key}
    work(conversion)
    assert conversion.state == State.SUCCEEDED


def test_an_original_that_can_not_be_fetched_is_asked_for_again(s3_at, conversion, monkeypatch):
    really = storage.fetch

    def fetch(*args):
        s3_at(NOBODY)
        really(*args)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "fetch", fetch)
        work(conversion)
    assert (conversion.state, conversion.failures) == (State.QUEUED, 1)
    s3_at(boto3.client("sqs").meta.endpoint_url)
    work(conversion)
    assert conversion.state == State.SUCCEEDED


def test_told_to_stop_it_gives_back_what_has_not_even_arrived(s3_at, conversion, monkeypatch):
    proxy = Proxy(urlsplit(boto3.client("sqs").meta.endpoint_url).port)
    fetching = threading.Event()
    really = storage.fetch

    def fetch(*args):
        proxy.clog()
        fetching.set()
        really(*args)

    monkeypatch.setattr(storage, "fetch", fetch)
    s3_at(f"http://127.0.0.1:{proxy.port}")
    converting.ring(conversion.pk)
    worker = Worker(Tools(), grace=0)
    running = threading.Thread(target=worker.run)
    running.start()
    assert fetching.wait(30)
    worker._signals.append(signal.SIGTERM)
    row = Conversion.objects.filter(pk=conversion.pk)
    until(lambda: row.filter(state=State.QUEUED, attempt=1, failures=0).exists())
    until(lambda: queue.depth() == Depth(visible=1, in_flight=0, delayed=0, dead=0))
    proxy.mend()
    running.join()
    proxy.close()
    assert row.filter(state=State.QUEUED, attempt=1, failures=0).exists()
