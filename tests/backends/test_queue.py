"""What both queues must do, and what only the table promises."""

import math
import threading

import pytest

from backends import queue, queue_table
from backends.models import QueueMessage
from backends.queue import Depth

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["table", pytest.param("sqs", marks=pytest.mark.aws)], autouse=True)
def kind(request):
    """Each test runs on both, unless it asks for one."""
    if request.param == "sqs":
        request.getfixturevalue("aws")
    return request.param


table_only = pytest.mark.parametrize("kind", ["table"], indirect=True)


def test_a_message_is_received_once_until_its_visibility_ends():
    queue.send({"conversion": 7})
    [message] = queue.receive(10, visibility=60)
    assert (message.body, message.receives) == ({"conversion": 7}, 1)
    assert queue.receive(10, visibility=60) == []
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)


def test_a_message_neither_deleted_nor_extended_comes_back_with_another_handle():
    queue.send({})
    [first] = queue.receive(1, visibility=0)
    [second] = queue.receive(1, visibility=60)
    assert second.receives == 2
    assert second.handle != first.handle


def test_an_old_handle_changes_nothing():
    queue.send({})
    [old] = queue.receive(1, visibility=0)
    [new] = queue.receive(1, visibility=60)
    queue.delete(old.handle)
    assert not queue.extend(old.handle, 0)
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)
    queue.delete(new.handle)
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=0, dead=0)


def test_extending_by_nothing_gives_a_message_back_at_once():
    queue.send({})
    [message] = queue.receive(1, visibility=60)
    assert queue.extend(message.handle, 0)
    assert len(queue.receive(1, visibility=60)) == 1


def test_a_message_may_be_given_back_for_ever():
    queue.send({"conversion": 7})
    for _ in range(2 * queue_table.MAX_RECEIVES):
        [message] = queue.receive(10, visibility=60)
        queue.give_back(message)
    assert [message.body for message in queue.receive(10, visibility=60)] == [{"conversion": 7}]
    assert queue.depth() == Depth(visible=0, in_flight=1, delayed=0, dead=0)


def test_a_delayed_message_is_not_visible_yet():
    queue.send({}, delay=60)
    assert queue.receive(1, visibility=60) == []
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=1, dead=0)


@table_only
def test_oldest_first_and_no_more_than_asked_for():
    for number in range(3):
        queue.send({"n": number})
    assert [m.body["n"] for m in queue.receive(2, visibility=60)] == [0, 1]


def test_a_buried_message_waits_for_ops_and_can_be_revived():
    queue.send({})
    [message] = queue.receive(1, visibility=0)
    queue.bury(message)
    assert queue.receive(1, visibility=60) == []
    assert queue.depth().dead == 1
    assert queue.revive_dead() == 1
    assert [m.receives for m in queue.receive(1, visibility=60)] == [1]


def test_a_message_received_too_often_becomes_a_dead_letter():
    queue.send({})
    for _ in range(queue_table.MAX_RECEIVES):
        assert len(queue.receive(1, visibility=0)) == 1
    assert queue.receive(1, visibility=0) == []
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=0, dead=1)


@table_only
def test_who_is_told_to_stop_listens_no_longer():
    stop = threading.Event()
    stop.set()
    assert queue.receive(1, visibility=60, wait=math.inf, stop=stop) == []


@table_only
def test_two_receivers_that_saw_the_same_message_do_not_both_get_it(monkeypatch):
    queue.send({})
    seen = list(QueueMessage.objects.all())
    assert len(queue.receive(1, visibility=60)) == 1
    # The second receiver's look came before the first one's take.
    monkeypatch.setattr("django.db.models.query.QuerySet.__getitem__", lambda *_: seen)
    assert queue.receive(1, visibility=60) == []
