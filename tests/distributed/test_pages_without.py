"""Pages while something that they need is away; all is well as soon as it is back."""

import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from backends import queue, storage
from contests import sweeping
from contests.models import Conversion, Entry, Notification, SweepLock
from tests.distributed.conftest import Visitor, gunicorn
from tests.factories import make_contest, make_ready_entry, make_upload
from tests.waiting import until

pytestmark = [pytest.mark.aws, pytest.mark.slow]


def ready(visitor) -> dict[str, str]:
    return json.loads(visitor.ask("/readyz").text)


def submit(visitor, contest):
    """Send the form for a file that has arrived."""
    upload = make_upload(contest)
    address = f"/concurso/{contest.url}/participar/"
    visitor.ask(address)
    fields = {"title": "T", "first_name": "A", "last_name": "B", "email": "a@example.org"}
    fields |= {"upload": upload.token, "description": "", "rights": "on", "consent": "on"}
    return visitor.ask(address, fields)


def test_without_the_database_a_page_says_so_in_the_visitors_language(distributed, visitor):
    assert visitor.ask("/cuenta/login/").status == 200
    distributed.database.cut()
    page = visitor.ask("/")
    assert (page.status, page["Retry-After"]) == (503, "10")
    assert "<h1>We cannot do that right now</h1>" in page.text
    assert '<header class="site-header">' in page.text
    spanish = "<h1>Ahora mismo no podemos hacerlo</h1>"
    assert spanish in visitor.ask("/", Accept_Language="es").text
    assert visitor.ask("/cuenta/login/", {"login": "a@example.org", "password": "x"}).status == 503
    message = visitor.ask("/", HX_Request="true")
    assert (message.status, message.text[:40]) == (503, '<p class="alert alert-error" role="alert')
    refusal = visitor.ask("/uploads/x/parts/", Accept="application/json")
    assert (refusal.status, json.loads(refusal.text)["code"]) == (503, "service_unavailable")
    assert visitor.ask("/healthz").status == 200
    assert ready(visitor) == {"database": "failed", "queue": "ok", "storage": "ok"}
    distributed.database.mend()
    until(lambda: visitor.ask("/").status == 200)
    assert ready(visitor) == {"database": "ok", "queue": "ok", "storage": "ok"}


def test_the_site_starts_without_the_database(distributed):
    distributed.database.cut()
    with gunicorn(distributed) as port:
        visitor = Visitor(port)
        assert visitor.ask("/").status == 503
        distributed.database.mend()
        until(lambda: visitor.ask("/").status == 200)


def test_without_the_queue_an_entry_is_taken_and_its_bell_rings_later(distributed, visitor):
    contest = make_contest()
    distributed.queue.cut()
    answer = submit(visitor, contest)
    assert answer.status == 302
    assert ready(visitor) == {"database": "ok", "queue": "failed", "storage": "ok"}
    assert "in the queue" in visitor.ask(answer["Location"]).text
    distributed.queue.mend()
    conversion = Entry.objects.get().conversions.get()
    [message] = until(swept_a_minute_later)
    assert message.body == {"conversion": conversion.pk}


def swept_a_minute_later() -> list[queue.Message]:
    earlier = Now() - timedelta(seconds=61)
    Conversion.objects.update(ring_at=earlier)
    SweepLock.objects.exclude(short_since=None).update(short_since=earlier)
    sweeping.sweep()
    return queue.receive(1, 60)


def test_without_the_bucket_pages_are_shown_and_uploads_wait(distributed, visitor):
    entry = make_ready_entry()
    distributed.bucket.cut()
    page = visitor.ask(f"/concurso/{entry.contest.url}/?video_id={entry.pk}")
    mp4 = entry.published.renditions.get(kind="mp4")
    assert page.status == 200
    assert storage.public_url(mp4.key) in page.text
    visitor.ask(f"/concurso/{entry.contest.url}/participar/")
    create = f"/concurso/{entry.contest.url}/uploads/"
    file = {"filename": "a.avi", "size": 7}
    refusal = visitor.ask(create, file, Accept="application/json")
    assert refusal.status == 503
    assert json.loads(refusal.text)["code"] == "unavailable"
    assert ready(visitor) == {"database": "ok", "queue": "ok", "storage": "failed"}
    distributed.bucket.mend()
    assert visitor.ask(create, file, Accept="application/json").status == 201


def test_without_mail_the_outbox_waits(distributed, visitor):
    distributed.mail.cut()
    assert submit(visitor, make_contest()).status == 302
    waiting = Notification.objects.get()
    assert (waiting.sent_at, waiting.tries) == (None, 1)
    distributed.mail.mend()
    Notification.objects.update(due_at=Now())
    # The web server may be sweeping at that very moment.
    until(lambda: sweeping.sweep() and Notification.objects.get().sent_at)


@pytest.mark.parametrize("fault", ["cut", "clog"])
def test_without_mail_who_signs_up_is_told_soon(distributed, visitor, fault):
    """Within the half minute that this visitor waits."""
    getattr(distributed.mail, fault)()
    visitor.ask("/cuenta/signup/")
    fields = {"email": "b@example.org", "password1": "a long road", "password2": "a long road"}
    page = visitor.ask("/cuenta/signup/", fields)
    assert page.status == 302
    assert "could not send the e-mail" in visitor.ask(page["Location"]).text


def test_while_queue_and_mail_are_silent_an_entry_is_taken_and_bell_and_mail_come_later(
    distributed, visitor
):
    """Within the half minute that this visitor waits; with all its tries each would take longer."""
    contest = make_contest()
    distributed.queue.clog()
    distributed.mail.clog()
    assert submit(visitor, contest).status == 302
    waiting = Notification.objects.get()
    assert (waiting.sent_at, waiting.tries) == (None, 1)
    for proxy in (distributed.queue, distributed.mail):
        proxy.cut()  # so that nothing of what is stuck arrives after all
        proxy.mend()
    [message] = until(swept_a_minute_later)
    assert message.body == {"conversion": Conversion.objects.get().pk}
    Notification.objects.update(due_at=Now())
    until(lambda: sweeping.sweep() and Notification.objects.get().sent_at)


def test_without_splunk_nobody_waits_and_its_events_do(distributed, visitor):
    distributed.splunk.cut()
    seen, before = distributed.splunk.connections, told_of_entries(distributed)
    assert submit(visitor, make_contest()).status == 302
    until(lambda: distributed.splunk.connections > seen)
    distributed.splunk.mend()
    until(lambda: told_of_entries(distributed) > before)


def told_of_entries(distributed) -> int:
    """How many entries Splunk has heard of."""
    return distributed.events.read_text().count('"entry_submitted"')
