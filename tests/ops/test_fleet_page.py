"""The fleet's page: for staff, in two languages, with buttons for what is stuck."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backends import queue
from contests import fleet, nameless, reasons, snapshot
from contests.models import Conversion, Entry, Nameless, Rendition, State, Upload, Worker
from tests.factories import (
    make_contest,
    make_conversion,
    make_entry,
    make_ready_entry,
    owner_of,
)
from tests.staff import sign_in

pytestmark = pytest.mark.django_db
PATHS = ("ops:fleet", "ops:state")


@pytest.fixture
def staff(client: Client) -> Client:
    """Somebody of the staff, who is logged in."""
    sign_in(client)
    return client


def page(client: Client, name: str = "ops:fleet", **headers: str) -> str:
    answer = client.get(reverse(name), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def make_stuck(error: str = "OSError: disk full") -> Conversion:
    conversion = make_entry(state=State.DEAD).conversions.get()
    Conversion.objects.filter(pk=conversion.pk).update(error=error, failures=5)
    return conversion


class TestWhoSeesIt:
    @pytest.mark.parametrize("who", ["nobody", "an organizer"])
    def test_for_others_there_is_no_such_page(self, client, who):
        stuck = make_stuck()
        if who == "an organizer":
            client.force_login(owner_of(make_contest()))
        for name in PATHS:
            assert client.get(reverse(name)).status_code == 404
        for path in (
            reverse("ops:try_again"),
            reverse("ops:try_again", args=[stuck.pk]),
        ):
            assert client.post(path).status_code == 404
        assert Conversion.objects.get().state == State.DEAD
        assert reverse("ops:fleet") not in client.get("/").content.decode()

    def test_staff_who_may_not_log_in_any_more_see_nothing(self, staff):
        User.objects.update(is_active=False)
        assert staff.get(reverse("ops:fleet")).status_code == 404

    def test_staff_find_it_in_the_header(self, staff):
        link = f'<a href="{reverse("ops:fleet")}">Fleet</a>'
        assert staff.get("/").content.decode().count(link) == 1


class TestWhatItShows:
    def test_of_nothing(self, staff):
        text = page(staff)
        for said in (
            "No worker is alive: what is submitted waits.",
            "None has told of itself within the last hour.",
            "None was, within the last 24 hours.",
            "Nothing is stuck.",
            "None is known to be.",
        ):
            assert text.count(said) == 1
        assert reverse("ops:try_again") not in text

    def test_the_part_that_changes_is_asked_for_every_five_seconds(self, staff):
        whole, part = page(staff), page(staff, "ops:state")
        asks = f'<div hx-get="{reverse("ops:state")}" hx-trigger="every 5s">'
        assert (whole.count(asks), whole.count("<html")) == (1, 1)
        assert (part.count("hx-get"), part.count("<html")) == (0, 0)
        assert (whole.count('<h2 id="workers">'), part.count('<h2 id="workers">')) == (1, 1)

    def test_workers_and_what_they_do(self, staff):
        for name in ("w-alive", "w-draining", "w-silent"):
            fleet.beat(name, 2, draining=name == "w-draining")
        Worker.objects.filter(name="w-silent").update(seen_at=Now() - timedelta(minutes=5))
        job = make_entry(state=State.RUNNING).conversions.get()
        Conversion.objects.filter(pk=job.pk).update(worker="w-alive", percent=40)
        Conversion.objects.filter(pk=make_entry(state=State.RUNNING).conversions.get().pk).update(
            worker="w-unknown"
        )
        text = page(staff)
        assert [text.count(f'">{each}</span>') for each in ("Alive", "Draining", "Silent")] == [
            1
        ] * 3
        assert text.count("busy 1 of 2") == 1
        assert text.count("busy 0 of 2") == 2
        assert text.count(f"Conversion {job.pk} of entry {job.entry_id}: 40 %") == 1
        assert text.count("w-unknown · Conversion") == 1
        assert text.count("No worker is alive") == 0

    def test_the_last_day(self, staff):
        for reason in ("no_video", "no_video", "damaged"):
            make_entry(state=State.FAILED, reason=reason)
        make_entry(state=State.SUCCEEDED)
        text = page(staff)
        assert text.count('class="fill-succeeded" x=') == 1
        assert text.count('class="fill-failed" x=') == 1
        assert text.count("<code>no_video</code></dt><dd>2</dd>") == 1
        assert text.count('<rect class="fill-failed" width="50.00"') == 1
        assert text.count("at most 4 an hour (UTC)") == 1

    def test_what_is_stuck_and_why_as_text(self, staff):
        stuck = make_stuck("<script>alert(1)</script>" + "x" * 1000)
        text = page(staff)
        assert "<script>alert" not in text
        assert text.count("1 video is stuck by our own fault.") == 1
        assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;xxx") == 1
        assert "x" * 300 not in text
        assert text.count(reverse("ops:try_again", args=[stuck.pk])) == 1

    def test_whose_files_are_gone(self, staff):
        entry = make_ready_entry()
        Upload.objects.update(missing_since=Now())
        said = f"Entry {entry.pk} in {entry.contest.url}:"
        assert f"{said}\n      the original</li>" in page(staff)
        Rendition.objects.update(missing_since=Now())
        assert f"{said}\n      what is published, and the original</li>" in page(staff)
        Upload.objects.update(missing_since=None)
        assert f"{said}\n      what is published</li>" in page(staff)
        make_conversion(entry, State.QUEUED)
        assert f"{said}\n      what is published; it is made again</li>" in page(staff)

    def test_of_many_whose_files_are_gone_the_newest(self, staff, monkeypatch):
        monkeypatch.setattr(snapshot, "MOST_SHOWN", 1)
        Upload.objects.filter(entry__in=[make_entry(), make_entry()]).update(missing_since=Now())
        assert page(staff).count("The newest 1 of 2.") == 1

    def test_what_cannot_be_made_again_has_no_button(self, staff):
        lost, stuck = make_stuck(), make_stuck()
        Upload.objects.filter(entry=lost.entry_id).update(missing_since=Now())
        text = page(staff)
        assert text.count("2 videos are stuck by our own fault.") == 1
        assert text.count(reverse("ops:try_again", args=[lost.pk])) == 0
        assert text.count(reverse("ops:try_again", args=[stuck.pk])) == 1
        assert text.count("Try all again") == 1
        Upload.objects.update(missing_since=Now())
        assert reverse("ops:try_again") not in page(staff)

    def test_too_many_files_that_nothing_names(self, staff, monkeypatch):
        monkeypatch.setattr(nameless, "MANY", 1)
        Nameless.objects.create(key="videos/1", seen_at=Now())
        assert page(staff).count("have no row that names them") == 0
        Nameless.objects.create(key="videos/2", seen_at=Now())
        assert page(staff).count("2 stored files have no row that names them.") == 1

    def test_a_disk_that_fills(self, staff, settings):
        text = "The disk is almost full. Left for new videos, besides the reserve: 0 bytes."
        settings.DISK_RESERVE_BYTES = settings.MAX_UPLOAD_BYTES = 0
        assert text not in page(staff)
        settings.DISK_RESERVE_BYTES, settings.MAX_UPLOAD_BYTES = 10**18, 1
        assert text in page(staff)

    def test_a_queue_that_does_not_answer(self, staff, monkeypatch):
        def away() -> None:
            raise ConnectionError

        monkeypatch.setattr(queue, "depth", away)
        assert page(staff).count("The queue does not answer.") == 1

    def test_in_spanish_numbers_in_drawings_stay_numbers(self, staff):
        make_stuck()
        for _ in range(3):
            make_entry(state=State.FAILED, reason="no_video")
        text = page(staff, **{"accept-language": "es"})
        assert text.count("1 vídeo está atascado por culpa nuestra.") == 1
        assert text.count('height="45.00"/>') == 1

    def test_nobody_keeps_it(self, staff):
        for name in PATHS:
            assert "no-store" in staff.get(reverse(name)).headers["Cache-Control"]

    def test_queries_do_not_grow_with_the_fleet(self, staff, django_assert_num_queries):
        for first in (0, 3):
            for number in range(first, first + 3):
                fleet.beat(f"w-{number}", 1)
                make_entry(state=State.RUNNING)
                make_stuck()
            # session, person, second step, and the snapshot's: one less, for no file is lost
            with django_assert_num_queries(15):
                page(staff, "ops:state")


class TestTryAgain:
    def test_one(self, staff):
        one, other = make_stuck(), make_stuck()
        answer = staff.post(reverse("ops:try_again", args=[one.pk]), follow=True)
        assert answer.redirect_chain == [(reverse("ops:fleet"), 302)]
        assert "Queued again: 1 video." in answer.content.decode()
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.state, other.state) == (State.QUEUED, State.DEAD)
        assert [each.body for each in queue.receive(5, 60)] == [{"conversion": one.pk}]

    def test_all(self, staff):
        for _ in range(3):
            make_stuck()
        refused = make_entry(state=State.FAILED, reason="no_video")
        answer = staff.post(reverse("ops:try_again"), follow=True)
        assert "Queued again: 3 videos." in answer.content.decode()
        assert queue.depth().visible == 3
        assert refused.conversions.get().state == State.FAILED
        answer = staff.post(reverse("ops:try_again"), follow=True)
        assert "There is nothing to try again any more." in answer.content.decode()

    def test_what_is_unknown_or_not_stuck_stays_as_it_is(self, staff):
        refused = make_entry(state=State.FAILED, reason="no_video").conversions.get()
        assert staff.post(reverse("ops:try_again", args=[refused.pk])).status_code == 302
        assert staff.post(reverse("ops:try_again", args=[refused.pk + 1])).status_code == 302
        assert staff.post(reverse("ops:try_again", args=[10**30])).status_code == 302
        assert Entry.objects.get().conversions.get().state == State.FAILED

    def test_not_without_end(self, staff, settings):
        settings.ACCOUNT_RATE_LIMITS = {"try_again": "2/10m/user"}
        answers = [staff.post(reverse("ops:try_again"), follow=True) for _ in range(3)]
        told = [[str(each) for each in answer.context["messages"]] for answer in answers]
        nothing = ["There is nothing to try again any more."]
        assert told == [nothing, nothing, [reasons.text("too_many_requests", "en")]]

    def test_asks_for_a_token(self, staff):
        careful = Client(enforce_csrf_checks=True)
        careful.cookies = staff.cookies
        make_stuck()
        assert careful.post(reverse("ops:try_again")).status_code == 403
        assert careful.get(reverse("ops:try_again")).status_code == 405
        assert Conversion.objects.get().state == State.DEAD
