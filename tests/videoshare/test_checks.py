"""What `manage.py check` tells ops."""

from unittest.mock import Mock

import django
import pytest
from django.core import checks

from workerjob import __main__, sandbox, worker


def _found() -> list[str]:
    return [each.id for each in checks.run_checks() if str(each.id).startswith("videoshare.")]


def test_this_machine_is_fine():
    assert sandbox.filtered()
    assert _found() == []


@pytest.mark.parametrize(
    "boxed, warned", [(False, ["videoshare.W001"]), (True, ["videoshare.W002"])]
)
def test_a_machine_without_all_of_the_sandbox_is_warned_about(monkeypatch, boxed, warned):
    monkeypatch.setattr(sandbox, "available", lambda: boxed)
    monkeypatch.setattr(sandbox, "filtered", lambda: False)
    assert _found() == warned


def test_the_worker_warns_as_it_starts(monkeypatch, caplog, settings):
    settings.DATA.mkdir()
    monkeypatch.setattr(sandbox, "filtered", lambda: False)
    monkeypatch.setattr(django, "setup", lambda: None)  # once is enough: it resets the logs
    monkeypatch.setattr(worker, "Worker", Mock())
    assert __main__.main([]) == 0
    (line,) = caplog.messages
    assert line.startswith("ffmpeg's sandbox has no filter of system calls")
