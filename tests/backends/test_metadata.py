"""Questions to EC2's metadata service; what is told of no answer at all is in test_instance.py."""

from types import SimpleNamespace

import pytest

from backends import metadata
from backends.metadata import Metadata, Unreachable
from tests import ec2


@pytest.fixture
def instance(monkeypatch):
    with ec2.instance() as found:
        for name, value in found.environ.items():
            monkeypatch.setenv(name, value)
        yield found


def test_one_token_is_good_for_many_questions(instance):
    asking = Metadata()
    assert asking.get("instance-id") == instance.items["instance-id"]
    instance.items["spot/instance-action"] = "{}"
    assert asking.get("spot/instance-action") == "{}"
    assert len(instance.tokens) == 1


def test_what_is_not_there_is_empty(instance):
    assert Metadata().get("spot/instance-action") == ""


def test_a_token_is_replaced_before_it_ends(instance, monkeypatch):
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(metadata, "time", SimpleNamespace(monotonic=lambda: clock.now))
    asking = Metadata()
    asking.get("instance-id")
    clock.now += 5.9 * 3600
    asking.get("instance-id")
    assert len(instance.tokens) == 2


def test_a_token_that_is_no_longer_good_costs_one_question(instance):
    asking = Metadata()
    asking.get("instance-id")
    instance.tokens.clear()
    with pytest.raises(Unreachable, match="401"):
        asking.get("instance-id")
    assert asking.get("instance-id") == instance.items["instance-id"]


def test_turned_off_nobody_is_asked(instance, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(Unreachable, match="turned off"):
        Metadata().get("instance-id")
    assert instance.tokens == []
