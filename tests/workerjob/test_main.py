"""The worker's command line, as far as it ends before any work begins."""

import pytest

from videoshare import config, needs
from videoshare.config import Config
from workerjob import __main__, sandbox


def test_with_a_secret_and_no_sandbox_there_is_no_worker(monkeypatch, capsys):
    monkeypatch.setattr(config, "current", lambda: Config(secret_name="videoshare/x"))
    monkeypatch.setattr(needs, "require", lambda *_: None)
    monkeypatch.setattr(sandbox, "available", lambda: False)
    assert __main__.main(["--burst"]) == 1
    assert capsys.readouterr().err.startswith("workerjob: ffmpeg can't be boxed in here")


def test_an_option_nobody_knows_is_told(capsys):
    with pytest.raises(SystemExit):
        __main__.main(["--brust"])
    assert "unrecognized arguments: --brust" in capsys.readouterr().err
