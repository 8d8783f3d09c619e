"""Which videos a visitor sees on which page: shuffled, fair, and fixed."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from contests.models import Contest, Conversion, Entry, Rendition, State, Upload
from contests.voting import confirm, voter_of
from tests.factories import make_contest, make_ready_entry, make_user

pytestmark = pytest.mark.django_db


def shown(client: Client, url: str) -> list[str]:
    """The titles on a page and on all that follow it by their links."""
    page = client.get(url).text
    found = re.findall(r'class="card-title"[^>]*><a href="[^"]*">(.*?)</a>', page)
    after = re.search(r'rel="next" href="(.+?)"', page)
    if after is None:
        return found
    return found + shown(client, url.partition("?")[0] + after[1].replace("&amp;", "&"))


def contest_of(count: int) -> Contest:
    contest = make_contest()
    for _ in range(count):
        make_ready_entry(contest)
    return contest


def test_who_only_reads_has_the_order_in_the_links_and_no_cookie(client):
    contest = contest_of(23)
    pages = shown(client, contest.get_absolute_url())
    assert sorted(pages) == sorted(contest.entries.values_list("title", flat=True))
    assert dict(client.cookies) == {}


def test_each_video_is_shown_once_while_others_come_and_go(client):
    contest = contest_of(23)
    url = contest.get_absolute_url()
    first = client.get(url).text
    after = re.search(r'rel="next" href="(.+?)"', first)[1].replace("&amp;", "&")
    seen = re.findall(r'class="card-title"[^>]*><a href="[^"]*">(.*?)</a>', first)
    late = make_ready_entry(contest)
    for _ in range(5):
        Client().get(url)  # others' pages, which change what was seen how often
    gone = contest.entries.exclude(title__in=[*seen, late.title]).first()
    Entry.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now(), published=None)
    rest = shown(client, url + after)
    everybody = set(contest.entries.values_list("title", flat=True)) - {gone.title}
    assert sorted(seen + rest) == sorted(everybody)
    assert rest[-1] == late.title


def test_a_session_and_then_a_voter_keep_their_order(client):
    contest, user = contest_of(23), make_user()
    url = contest.get_absolute_url()
    client.force_login(user)
    order = shown(client, url)
    assert shown(client, url) == order
    confirm(voter_of(contest, user))
    assert shown(client, url) == order  # now the voter's
    elsewhere = Client()
    elsewhere.force_login(user)
    assert shown(elsewhere, url) == order


def test_a_reader_who_votes_keeps_the_order_they_came_with(client):
    contest = contest_of(12)
    url = contest.get_absolute_url()
    page = client.get(url).text
    order = re.search(r'name="orden" value="(.+?)"', page)[1]
    entry = contest.entries.first()
    client.post(f"{url}votar/{entry.pk}/", {"value": "1", "orden": order})
    assert shown(client, url) == shown(Client(), f"{url}?orden={order}")


@pytest.mark.parametrize("order", ["", "x", "0-0", "999999-1", "1-" + "9" * 30, "1-9999999999"])
def test_an_order_that_nobody_gave_out_is_one_all_the_same(client, order):
    contest = contest_of(3)
    assert len(shown(client, f"{contest.get_absolute_url()}?orden={order}")) == 3


def test_what_is_shown_is_counted(client):
    contest = contest_of(12)
    url = contest.get_absolute_url()
    client.get(url)
    client.head(url)
    assert sorted(contest.entries.values_list("seen", flat=True)) == [0] * 2 + [1] * 10


@pytest.mark.parametrize(
    "who, queries", [("a reader", 6), ("a voter", 8), ("somebody logged in", 9)]
)
def test_the_number_of_queries_is_the_same_for_any_number(
    client, django_assert_num_queries, who, queries
):
    contest = contest_of(11)
    url = contest.get_absolute_url()
    if who != "a reader":
        client.force_login(user := make_user())
        if who == "a voter":
            confirm(voter_of(contest, user))
    # Contest, deck (with the voter, if there is one), what came later, entries, renditions,
    # exposure, captions and public answers of the opened one; and session, user, voter.
    for count in (0, 500):
        many(contest, count)
        contest.decks.all().delete()
        order = re.search(r'name="orden" value="(.+?)"|$', client.get(url).text)[1] or ""
        opened = contest.entries.last().pk
        with django_assert_num_queries(queries):
            client.get(url, {"page": 2, "video_id": opened, "orden": order})


def many(contest: Contest, count: int) -> None:
    """Published entries without files, in bulk."""
    begin = Upload.objects.count()
    uploads = Upload.objects.bulk_create(
        Upload(contest=contest, token=f"t{n}", key=f"videos/{n:032x}", filename="a.avi", size=1)
        for n in range(begin, begin + count)
    )
    about = {"first_name": "Ada", "email": "a@example.org", "language": "en", "contest": contest}
    entries = Entry.objects.bulk_create(
        Entry(upload=upload, title=f"Many {upload.pk}", manage_token=upload.token, **about)
        for upload in uploads
    )
    now = timezone.now()
    conversions = Conversion.objects.bulk_create(
        Conversion(entry=entry, state=State.SUCCEEDED, queued_at=now, ring_at=now)
        for entry in entries
    )
    for entry, conversion in zip(entries, conversions, strict=True):
        entry.published, entry.public_at = conversion, now
    Entry.objects.bulk_update(entries, ["published", "public_at"], batch_size=500)
    Rendition.objects.bulk_create(
        Rendition(
            conversion=each, kind="mp4", key=f"videos_ffmpeg/{each.pk:032x}.mp4", codec="h264",
            width=320, height=180, size=1, duration=1,
        )
        for each in conversions
    )  # fmt: skip
