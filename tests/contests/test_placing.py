"""Files lie where everybody may read them only while everybody may see what they are of."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from backends import storage
from contests import converting, placing, reconverting, sweeping, withdrawing
from contests.editing import save_contest
from contests.models import Contest, Entry, Moderation, Rendition, Visibility
from contests.sweeping import Swept
from tests.contests.rounds import exists, sweep_all
from tests.factories import make_contest, make_entry, make_ready_entry, owner_of, store

pytestmark = pytest.mark.django_db


def keys(entry: Entry) -> set[str]:
    return set(Rendition.objects.filter(conversion__entry=entry).values_list("key", flat=True))


def private(entry: Entry) -> set[bool]:
    return {key.startswith("private/") for key in keys(entry)}


def moderate(entry: Entry, to: Moderation) -> None:
    """As the team's decision does in its transaction."""
    Entry.objects.filter(pk=entry.pk).update(moderation=to, unplaced_since=Now())


def settled(entry: Entry) -> bool:
    return Entry.objects.filter(pk=entry.pk, unplaced_since=None).exists()


def test_what_is_rejected_moves_and_what_is_approved_moves_back(kind):
    entry = make_ready_entry(video=b"\0mp4")
    before = keys(entry)
    moderate(entry, Moderation.REJECTED)
    placing.settle(entry.pk)
    hidden = keys(entry)
    assert (private(entry), settled(entry)) == ({True}, True)
    assert [exists(key) for key in (*before, *hidden)] == [False] * 2 + [True] * 2
    moderate(entry, Moderation.APPROVED)
    placing.settle(entry.pk)
    assert private(entry) == {False}
    assert not keys(entry) & before
    assert [exists(key) for key in (*hidden, *keys(entry))] == [False] * 2 + [True] * 2
    mp4 = Rendition.objects.get(kind="mp4")
    assert storage.head(mp4.key, 9) == b"\0mp4"


def test_where_all_is_in_its_place_nothing_moves():
    entry = make_ready_entry()
    before = keys(entry)
    placing.mark(Entry.objects.all())
    assert sweeping.sweep() == Swept(placed=1)
    assert (keys(entry), settled(entry), sweeping.sweep()) == (before, True, Swept())


def test_a_browser_that_kept_the_address_gets_nothing_any_more():
    entry = make_ready_entry()
    key = Rendition.objects.get(kind="mp4").key
    assert Client().head(f"/media/{key}").status_code == 200
    moderate(entry, Moderation.PENDING)
    placing.settle_soon([entry.pk])
    assert Client().head(f"/media/{key}").status_code == 404
    hidden = Rendition.objects.get(kind="mp4").key
    assert Client().head(f"/media/{hidden}").status_code == 404
    assert Client().head(storage.public_url(hidden)).status_code == 200


def test_who_makes_a_contest_private_hides_its_files_and_its_image():
    contest = make_contest(image_key=storage.new_key(storage.CONTEST_IMAGES, ".jpg"))
    store(contest.image_key, b"image")
    entry, other = make_ready_entry(contest), make_ready_entry()
    for visibility, hidden in ((Visibility.PRIVATE, True), (Visibility.UNLISTED, False)):
        contest = Contest.objects.get(pk=contest.pk)
        before = contest.image_key
        contest.visibility = visibility
        save_contest(contest, owner_of(contest), ["visibility"])
        assert (settled(entry), settled(other)) == (False, True)
        assert sweeping.sweep().placed == 2
        image = Contest.objects.get(pk=contest.pk).image_key
        assert (private(entry), private(other)) == ({hidden}, {False})
        assert image.startswith("private/") == hidden
        assert [exists(image), exists(before)] == [True, False]


def test_what_somebody_forgot_to_mark_is_found():
    entry, other = make_ready_entry(), make_ready_entry()
    Entry.objects.filter(pk=entry.pk).update(moderation=Moderation.REJECTED)
    sweep_all()
    sweeping.sweep()
    assert (private(entry), private(other), settled(entry)) == ({True}, {False}, True)


def test_a_lost_file_holds_nothing_up():
    entry = make_ready_entry()
    storage.delete(Rendition.objects.get(kind="poster").key)
    moderate(entry, Moderation.REJECTED)
    placing.settle(entry.pk)
    placing.settle(entry.pk)
    assert settled(entry)
    assert Rendition.objects.get(kind="mp4").key.startswith("private/")


def test_while_the_storage_is_away_the_entry_waits(settings, monkeypatch):
    entry = make_ready_entry()
    moderate(entry, Moderation.REJECTED)

    def away(*_: object) -> None:
        raise storage.Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(storage, "copy", away)
        placing.settle_soon([entry.pk])
    assert (private(entry), settled(entry)) == ({False}, False)
    assert sweeping.sweep() == Swept(placed=1)
    assert (private(entry), settled(entry)) == ({True}, True)


@pytest.mark.parametrize("before, after", [("approved", "rejected"), ("rejected", "approved")])
def test_decided_while_the_worker_stores_the_files(before, after):
    entry = make_entry(moderation=before)
    claim = converting.claim(entry.conversions.get().pk, "w")
    hidden = not placing.is_open(claim.entry_id)
    key = storage.new_key(storage.VIDEOS, ".mp4", private=hidden)
    store(key, b"\0mp4")
    moderate(entry, Moderation(after))
    placing.settle(entry.pk)
    made = {"kind": "mp4", "key": key, "codec": "h264", "width": 64, "height": 36, "size": 4}
    assert converting.finish(claim, [made])
    assert (private(entry), settled(entry)) == ({before == "rejected"}, False)
    sweeping.sweep()
    assert (private(entry), settled(entry)) == ({after == "rejected"}, True)
    assert not exists(key)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", range(4))
def test_moved_withdrawn_converted_and_moved_at_the_same_moment(settings, first):
    """Whatever comes first: withdrawn is withdrawn, and no file is left behind."""
    entry = make_ready_entry()
    moderate(entry, Moderation.REJECTED)
    conversion = converting.enqueue(entry)
    claim = converting.claim(conversion.pk, "w")
    key = storage.new_key(storage.VIDEOS, ".mp4")
    store(key, b"\0mp4")
    made = {"kind": "mp4", "key": key, "codec": "h264", "width": 64, "height": 36, "size": 4}
    start = threading.Barrier(4)

    def at_once(act):
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    def finish():
        if not converting.finish(claim, [made]):
            storage.delete(key)  # as the worker does

    acts = [
        lambda: withdrawing.withdraw(entry, timezone.now()),
        finish,
        lambda: placing.settle(entry.pk),
        lambda: placing.settle_soon([entry.pk]),
    ]
    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(at_once, act) for act in acts[first:] + acts[:first]]:
            job.result()
    storage.delete_again()
    assert (keys(entry), Entry.objects.get().published_id) == (set(), None)
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.django_db(transaction=True)
def test_two_who_move_the_same_files_leave_one_set(settings):
    entry = make_ready_entry()
    superseded = keys(entry)
    moderate(entry, Moderation.REJECTED)

    def settle(_: int) -> None:
        try:
            placing.settle(entry.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(settle, range(3)))
    assert (private(entry), settled(entry), len(keys(entry))) == ({True}, True, 2)
    files = {path for path in settings.MEDIA_ROOT.rglob("*.*") if path.is_file()}
    assert {f"{path.relative_to(settings.MEDIA_ROOT)}" for path in files} == keys(entry)
    assert not keys(entry) & superseded


def test_superseded_files_are_hidden_too():
    entry = make_ready_entry()
    assert reconverting.reconvert(entry) == reconverting.Outcome.QUEUED
    claim = converting.claim(entry.conversions.latest("pk").pk, "w")
    key = storage.new_key(storage.VIDEOS, ".mp4")
    store(key, b"\0new")
    made = {"kind": "mp4", "key": key, "codec": "h264", "width": 64, "height": 36, "size": 4}
    assert converting.finish(claim, [made])
    moderate(entry, Moderation.REJECTED)
    placing.settle(entry.pk)
    assert (private(entry), len(keys(entry))) == ({True}, 3)
