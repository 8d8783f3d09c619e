"""What the service depends on takes an order and says nothing, or says too late that it took it."""

from backends import queue
from backends.queue import Depth
from contests.models import State


def test_a_bell_that_the_queue_never_got_is_rung_by_the_sweeper(world, monkeypatch):
    """The commit is made, the send fails."""

    def fail(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as away:
        away.setattr(queue, "send", fail)
        conversion = world.submit()
    assert queue.depth() == Depth(visible=0, in_flight=0, delayed=0, dead=0)
    world.start()
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)


def test_a_commit_whose_answer_is_lost_is_one(world):
    conversion = world.submit()
    world.start("after contests.converting:finish 1 fail=django.db:OperationalError")
    world.check({conversion: State.SUCCEEDED})
    assert world.tries(conversion) == (1, 0)
