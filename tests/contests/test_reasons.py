"""Every refusal can be explained, in both languages."""

import re
from pathlib import Path

import pytest

from contests import reasons
from contests.reason_texts import REASONS, UNKNOWN
from contests.reasons import Refused, text

ROOT = Path(__file__).resolve().parents[2]


def test_every_code_that_is_raised_has_a_sentence() -> None:
    raised = {
        code
        for folder in ("web", "workerjob")
        for path in (ROOT / folder).rglob("*.py")
        for code in re.findall(r'Refused\(\s*"([^"]+)"', path.read_text())
    }
    assert raised - set(REASONS) == set()


@pytest.mark.parametrize("code", sorted(REASONS))
def test_sentences_differ_by_language_and_end_like_sentences(code: str) -> None:
    reason = REASONS[code]
    assert reason.es != reason.en
    assert {sentence[-1] for sentence in (reason.es, reason.en)} == {"."}


def test_spanish_unless_english() -> None:
    reason = REASONS["no_video"]
    asked = ("es", "es-mx", "fr", "", "en", "en-GB", "EN")
    assert [text("no_video", language) for language in asked] == [reason.es] * 4 + [reason.en] * 3


def test_unknown_code_still_says_something() -> None:
    assert (text("nonsense", "es"), text("nonsense", "en")) == (UNKNOWN.es, UNKNOWN.en)


def test_a_line_that_is_wrong_is_named():
    refused = Refused("captions_unreadable", line=12)
    said = [text(refused.code, language, refused.line) for language in ("es", "en")]
    reason = REASONS["captions_unreadable"]
    assert said == [f"{reason.es} Mira la línea 12.", f"{reason.en} Look at line 12."]


def test_details_stay_out_of_what_people_read() -> None:
    refused = Refused("damaged", "/some/path: Invalid data")
    assert (refused.code, str(refused)) == ("damaged", "damaged: /some/path: Invalid data")
    assert "/some/path" not in text(refused.code, "en")


def test_the_reference_page_is_current() -> None:
    kept = Path(reasons.__file__).with_name("REASONS.md").read_text()
    assert kept == reasons.page()
