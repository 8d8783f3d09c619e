"""Videos that failed by our own fault, or whose files are gone, on their organizer's page."""

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backends import queue
from contests import reasons
from contests.models import Contest, Entry, Rendition, State, Upload
from tests.factories import make_contest, make_conversion, make_entry, make_ready_entry, owner_of

pytestmark = pytest.mark.django_db
ERROR = "OSError: [Errno 28] No space left on device"


@pytest.fixture
def contest(client: Client) -> Contest:
    """A contest whose organizer is logged in."""
    contest = make_contest()
    client.force_login(owner_of(contest))
    return contest


def make_stuck(contest: Contest, error: str = ERROR) -> Entry:
    entry = make_entry(contest, state=State.DEAD)
    entry.conversions.update(error=error, failures=5)
    return entry


def page(client: Client, contest: Contest, **headers: str) -> str:
    path = reverse("organizers:contest", args=[contest.url])
    return client.get(path, headers=headers).content.decode()


def listed(client: Client, contest: Contest) -> str:
    return client.get(reverse("organizers:videos", args=[contest.url])).text


def try_again(client: Client, contest: Contest, *entry: int) -> list[str]:
    """Press a button; return what the page says then."""
    answer = client.post(reverse("organizers:try_again", args=[contest.url, *entry]), follow=True)
    there = "organizers:video" if entry else "organizers:contest"
    assert answer.redirect_chain == [(reverse(there, args=[contest.url, *entry]), 302)]
    return [str(message) for message in answer.context["messages"]]


def states(*entries: Entry) -> list[str]:
    return [entry.conversions.latest("pk").state for entry in entries]


def test_says_so_and_why_and_offers_to_try_again(client: Client, contest: Contest) -> None:
    entry = make_stuck(contest)
    text, videos = page(client, contest), listed(client, contest)
    assert text.count("1 video is stuck: our fault, not its author's.") == 1
    assert text.count(reverse("organizers:try_again", args=[contest.url])) == 1
    assert videos.count('<span class="badge badge-dead">Stuck</span>') == 1
    assert videos.count("One of our disks was full.") == 1
    assert ERROR not in text + videos  # anybody may be an organizer
    assert videos.count(reverse("organizers:try_again", args=[contest.url, entry.pk])) == 1


def test_speaks_spanish(client: Client, contest: Contest) -> None:
    make_stuck(contest)
    make_stuck(contest)
    text = page(client, contest, **{"accept-language": "es"})
    assert text.count("2 vídeos están atascados") == 1
    assert text.count("Reintentar todos") == 1


def test_what_cannot_be_made_again_has_no_button(client: Client, contest: Contest) -> None:
    lost, stuck = make_stuck(contest), make_stuck(contest)
    Upload.objects.filter(entry=lost).update(missing_since=Now())
    assert page(client, contest).count("2 videos are stuck") == 1
    text = listed(client, contest)
    assert text.count(reverse("organizers:try_again", args=[contest.url, lost.pk])) == 0
    assert text.count(reverse("organizers:try_again", args=[contest.url, stuck.pk])) == 1
    assert try_again(client, contest, lost.pk) == ["There is nothing to try again any more."]
    assert try_again(client, contest) == ["Queued again: 1 video."]
    assert states(lost, stuck) == [State.DEAD, State.QUEUED]
    assert reverse("organizers:try_again", args=[contest.url]) not in page(client, contest)


def test_not_without_end(client, contest, settings):
    settings.ACCOUNT_RATE_LIMITS = {"try_again": "1/10m/user"}
    entry = make_stuck(contest)
    assert try_again(client, contest) == ["Queued again: 1 video."]
    entry.conversions.update(state=State.DEAD)
    assert try_again(client, contest) == [reasons.text("too_many_requests", "en")]
    assert states(entry) == [State.DEAD]


def test_where_nothing_is_stuck_nothing_is_said(client: Client, contest: Contest) -> None:
    make_entry(contest, state=State.FAILED, reason="no_video")
    make_entry(contest, state=State.DEAD, withdrawn_at=timezone.now())
    make_conversion(make_stuck(contest), State.QUEUED)
    make_stuck(make_contest())
    assert "reintentar" not in page(client, contest) + listed(client, contest)


def test_a_published_video_that_is_stuck_stays_ready(client: Client, contest: Contest) -> None:
    make_conversion(make_ready_entry(contest), State.DEAD, error=ERROR)
    text = listed(client, contest)
    assert text.count('<span class="badge badge-succeeded">Ready</span>') == 1
    assert text.count("Converting it again failed several times.") == 1
    Rendition.objects.filter(kind="mp4").update(missing_since=Now())
    text = listed(client, contest)
    assert text.count("what was published stays") == 0
    assert text.count("Our converter failed on it several times. That is our fault.") == 1
    assert text.count("A file of it is gone, and nothing is making it again.") == 1


def test_one_is_queued_again(client: Client, contest: Contest) -> None:
    one, other = make_stuck(contest), make_stuck(contest)
    assert try_again(client, contest, one.pk) == ["Queued again: 1 video."]
    assert states(one, other) == [State.QUEUED, State.DEAD]
    assert [each.body for each in queue.receive(5, 60)] == [
        {"conversion": one.conversions.get().pk}
    ]


def test_all_of_the_contest_are_queued_again(client: Client, contest: Contest) -> None:
    mine, theirs = [make_stuck(contest) for _ in range(3)], make_stuck(make_contest())
    assert try_again(client, contest) == ["Queued again: 3 videos."]
    assert states(*mine, theirs) == [State.QUEUED] * 3 + [State.DEAD]
    assert try_again(client, contest) == ["There is nothing to try again any more."]
    assert queue.depth().visible == 3


def test_others_videos_are_unknown(client: Client, contest: Contest) -> None:
    theirs = make_stuck(make_contest())
    for args in (
        [theirs.contest.url],
        [theirs.contest.url, theirs.pk],
        [contest.url, theirs.pk],
        [contest.url, 10**30],
    ):
        assert client.post(reverse("organizers:try_again", args=args)).status_code == 404
    assert states(theirs) == [State.DEAD]


def test_is_for_those_who_logged_in_and_asks_for_a_token(contest: Contest) -> None:
    entry, path = make_stuck(contest), reverse("organizers:try_again", args=[contest.url])
    assert Client().post(path).status_code == 302
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(owner_of(contest))
    assert careful.post(path).status_code == 403
    assert careful.get(path).status_code == 405
    assert states(entry) == [State.DEAD]


@pytest.mark.parametrize(
    "published, file, original, again, said",
    [
        (True, True, False, True, "A file of it got lost and is made again"),
        (True, True, False, False, "A file of it is gone"),
        (True, False, True, False, "The file its author sent is gone"),
        (True, True, True, False, "Its files are gone. Ask its author"),
        (False, False, True, False, "Its files are gone. Ask its author"),
    ],
)
def test_says_that_files_are_gone(client, contest, published, file, original, again, said):
    entry = make_ready_entry(contest) if published else make_entry(contest)
    if again:
        make_conversion(entry, State.QUEUED)
    if file:
        Rendition.objects.filter(conversion__entry=entry).update(missing_since=Now())
    if original:
        Upload.objects.filter(entry=entry).update(missing_since=Now())
    texts = (
        "A file of it got lost",
        "A file of it is gone",
        "The file its author sent is gone",
        "Its files are gone.",
    )
    text = listed(client, contest)
    assert [each for each in texts if each in text] == [each for each in texts if each in said]
    Entry.objects.filter(pk=entry.pk).update(withdrawn_at=Now(), published=None)
    assert [each for each in texts if each in listed(client, contest)] == []
