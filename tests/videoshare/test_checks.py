"""What `manage.py check` tells ops."""

from django.core import checks

from workerjob import sandbox


def _found() -> list[str]:
    return [each.id for each in checks.run_checks() if str(each.id).startswith("videoshare.")]


def test_a_machine_with_a_sandbox_is_fine():
    assert sandbox.available()
    assert _found() == []


def test_a_machine_without_one_is_warned_about(monkeypatch):
    monkeypatch.setattr(sandbox, "available", lambda: False)
    assert _found() == ["videoshare.W001"]
