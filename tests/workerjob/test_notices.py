import threading

import pytest

from backends import autoscaling
from tests import ec2
from tests.waiting import until
from videoshare.config import Config
from workerjob import notices
from workerjob.notices import Notice, Notices

SPOT, STATE = "spot/instance-action", "autoscaling/target-lifecycle-state"
TERMINATE = '{"action": "terminate", "time": "2026-11-20T12:00:00Z"}'


@pytest.fixture
def instance(monkeypatch):
    """An instance of the distributed service."""
    monkeypatch.setattr(notices, "current", lambda: Config(secret_name="videoshare/x"))
    monkeypatch.setattr(notices, "_EVERY_SECONDS", 0.05)
    with ec2.instance() as found:
        for name, value in found.environ.items():
            monkeypatch.setenv(name, value)
        yield found


@pytest.fixture
def let_go(monkeypatch):
    """The instances that groups were told not to wait for any more."""
    found: list[str] = []

    def let_go(instance: str) -> bool:
        found.append(instance)
        return True

    monkeypatch.setattr(autoscaling, "let_go", let_go)
    return found


@pytest.fixture
def start():
    stop = threading.Event()

    def start(idle=lambda: True) -> Notices:
        found = Notices()
        found.start(stop, idle)
        return found

    yield start
    stop.set()
    until(lambda: "notices" not in {each.name for each in threading.enumerate()})


@pytest.mark.parametrize(
    "item, text, notice",
    [
        (SPOT, TERMINATE, Notice.INTERRUPTED),
        (SPOT, '{"action": "hibernate"}', Notice.INTERRUPTED),
        (SPOT, "<html>log in</html>", None),
        (STATE, "InService", None),
        (STATE, "Standby", None),
        (STATE, "Terminated", Notice.LEAVING),
        (STATE, "Warmed:Stopped", Notice.LEAVING),
        (STATE, "Warmed:Terminated", Notice.LEAVING),
    ],
)
def test_what_is_a_notice(instance, let_go, start, item, text, notice):
    instance.items[item] = text
    assert start().latest is notice  # before the first message is asked for


def test_one_that_comes_later_is_heard_and_so_is_its_end(instance, let_go, start):
    found = start()
    assert found.latest is None
    instance.items[SPOT] = TERMINATE
    until(lambda: found.latest is Notice.INTERRUPTED)
    instance.items.clear()
    until(lambda: found.latest is None)
    assert let_go == []


def test_a_group_is_told_once_when_the_last_conversion_has_ended(instance, let_go, start):
    idle = threading.Event()
    instance.items[STATE] = "Terminated"
    start(idle.is_set)
    until(lambda: instance.asked.count(STATE) > 3)
    assert let_go == []
    idle.set()
    until(lambda: let_go)
    seen = instance.asked.count(STATE)
    until(lambda: instance.asked.count(STATE) > seen + 3)
    assert let_go == [instance.items["instance-id"]]


def test_a_group_that_can_not_be_told_yet_is_told_later(instance, monkeypatch, start, caplog):
    tried: list[str] = []

    def not_yet(name: str) -> bool:
        tried.append(name)
        if len(tried) < 3:
            raise PermissionError
        return True

    monkeypatch.setattr(autoscaling, "let_go", not_yet)
    instance.items[STATE] = "Terminated"
    start()
    until(lambda: len(tried) == 3)
    seen = instance.asked.count(STATE)
    until(lambda: instance.asked.count(STATE) > seen + 3)
    assert len(tried) == 3
    assert caplog.text.count("the lifecycle hook was not completed") == 1


def test_who_does_not_learn_its_name_in_time_learns_it_later(instance, let_go, start, caplog):
    name = instance.items.pop("instance-id")
    instance.items[STATE] = "Terminated"
    start()
    until(lambda: "no instance id" in caplog.text)
    instance.items["instance-id"] = name
    until(lambda: let_go == [name])


def test_a_group_is_told_although_the_database_did_not_answer_at_once(instance, let_go, start):
    asked: list[bool] = []

    def idle() -> bool:
        asked.append(True)
        if len(asked) == 1:
            raise OSError
        return True

    instance.items[STATE] = "Terminated"
    start(idle)
    until(lambda: let_go)
    assert len(asked) == 2


def test_while_nobody_answers_the_last_notice_holds(instance, let_go, start, caplog):
    instance.items[SPOT] = TERMINATE
    found = start()
    instance.items[SPOT] = "\N{SNOWMAN}"  # not even ASCII
    until(lambda: "no notices are heard" in caplog.text)
    assert found.latest is Notice.INTERRUPTED


def test_on_one_machine_nobody_asks(instance, monkeypatch, start):
    monkeypatch.setattr(notices, "current", Config)
    instance.items[SPOT] = TERMINATE
    assert start().latest is None
    assert instance.asked == []
