"""A worker that is told to go, by a signal or because EC2 takes its instance."""

import signal
from urllib.parse import parse_qs

import pytest

from backends import queue
from backends.queue import Depth
from contests.models import State
from tests import ec2
from tests.answering import Answer, Heard, answering
from tests.distributed.conftest import encodes, facts
from tests.waiting import until

pytestmark = [pytest.mark.aws, pytest.mark.slow]

SPOT, STATE = "spot/instance-action", "autoscaling/target-lifecycle-state"
# Before such a lease is out no test ends: what is taken by another has been given back.
LONG = {
    "VIDEOSHARE_LEASE_SECONDS": "600",
    "VIDEOSHARE_FFMPEG_ARGS": "-preset placebo -refs 4 -threads 1",
}
WAITING = Depth(visible=1, in_flight=0, delayed=0, dead=0)


@pytest.fixture
def instance():
    with ec2.instance() as found:
        yield found


def auto_scaling(heard: Heard) -> Answer:
    """Auto Scaling, for a group that has started whoever asks."""
    [action] = parse_qs(heard.body.decode())["Action"]
    found = {
        "DescribeAutoScalingInstances": "<AutoScalingInstances><member>"
        "<AutoScalingGroupName>workers</AutoScalingGroupName></member></AutoScalingInstances>",
    }.get(action, "")
    space = 'xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"'
    text = f"<{action}Response {space}><{action}Result>{found}</{action}Result></{action}Response>"
    return 200, {"Content-Type": "text/xml"}, text.encode()


def test_what_it_gives_back_it_does_not_take_again_by_its_last_poll(work, submitted):
    conversion = submitted("wmv2_long")
    worker = work("--concurrency", "2", **LONG)
    until(lambda: encodes(conversion))
    worker.send_signal(signal.SIGINT)
    assert worker.wait(30) == 0
    assert facts(conversion) == (State.QUEUED, 1, 0)
    assert queue.depth() == WAITING


def test_a_spot_interruption_gives_back_at_once_what_is_under_way(work, submitted, instance):
    conversion = submitted("wmv2_long")
    worker = work(**instance.environ, **LONG)
    until(lambda: encodes(conversion))
    instance.items[SPOT] = '{"action": "stop", "time": "2026-11-20T12:00:00Z"}'
    until(lambda: facts(conversion) == (State.QUEUED, 1, 0))
    until(lambda: queue.depth() == WAITING)
    seen = instance.asked.count(SPOT)
    until(lambda: instance.asked.count(SPOT) > seen + 1)
    assert (facts(conversion), worker.poll()) == ((State.QUEUED, 1, 0), None)
    instance.items.pop(SPOT)  # started again after the stop
    until(lambda: facts(conversion) == (State.RUNNING, 2, 0))


def test_when_its_group_scales_in_it_finishes_and_completes_the_hook(work, submitted, instance):
    conversion = submitted("wmv2_long")
    with answering(auto_scaling) as server:
        environ = instance.environ | {"AWS_ENDPOINT_URL_AUTO_SCALING": server.address}
        work(**environ)
        until(lambda: encodes(conversion))
        instance.items[STATE] = "Terminated"
        seen = instance.asked.count(STATE)
        until(lambda: instance.asked.count(STATE) > seen)
        late = submitted()
        until(lambda: server.heard, 60)
        assert facts(conversion) == (State.SUCCEEDED, 1, 0)
        until(lambda: len(server.heard) == 2)
        assert parse_qs(server.heard[-1].body.decode()) == {
            "Action": ["CompleteLifecycleAction"],
            "Version": ["2011-01-01"],
            "AutoScalingGroupName": ["workers"],
            "LifecycleHookName": ["videoshare-drain"],
            "InstanceId": [instance.items["instance-id"]],
            "LifecycleActionResult": ["CONTINUE"],
        }
        work(**environ)  # as systemd would, should the worker die now
        until(lambda: len(server.heard) == 4)
    assert facts(late) == (State.QUEUED, 0, 0)
    assert queue.depth() == WAITING
