"""`python -m workerjob convert` prints one JSON object."""

import json
from pathlib import Path

import pytest

from contests.reason_texts import REASONS
from tests import media
from workerjob.command_line import main


def test_the_command_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(media.clip("flv_h264_aac")), str(tmp_path)])
    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["ok"]) == (0, True)
    assert answer["plan"] == [
        {"stream": 0, "kind": "video", "codec": "h264", "action": "copy"}
        | {"why": "complies already"},
        {"stream": 1, "kind": "audio", "codec": "aac", "action": "copy"}
        | {"why": "complies already"},
    ]
    assert [sorted(rendition) for rendition in answer["renditions"]] == [
        ["bytes", "codec", "duration", "height", "kind", "path", "width"]
    ] * 5
    assert answer["partial"] is False
    assert set(answer["seconds"]) == {"probe", "encode", "verify"}


def test_the_command_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(media.clip("sound_only")), str(tmp_path)])
    answer = json.loads(capsys.readouterr().out)
    message = REASONS["no_video"].es
    assert (code, answer) == (2, {"ok": False, "reason": "no_video", "message": message})


@pytest.mark.parametrize("words", [["no-such-file.avi", "."], ["only-one"]])
def test_the_command_tells_our_faults_apart(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
