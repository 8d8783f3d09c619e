"""Which decoders a stranger's file gets to: only listed ones, none that is known to have a hole."""

import re
from pathlib import Path

import pytest

from contests.reasons import Refused
from tests import media
from workerjob import accepted
from workerjob.convert import convert

README = Path(__file__).resolve().parents[2] / "workerjob" / "README.md"


def test_every_decoder_is_listed_once() -> None:
    groups = (accepted.VIDEO, accepted.AUDIO, accepted.IGNORED)
    words = [name for group in groups for names in group.values() for name in names.split()]
    assert sorted(words) == sorted(set(words))


def test_no_decoder_with_a_known_hole_is_accepted() -> None:
    table = README.read_text().split("## Known holes", 1)[1]
    lines = re.findall(r"^\| `(\w+)` \|.*\| (refused|mute) \|$", table, re.MULTILINE)
    refused = [name for name, done in lines if done == "refused"]
    assert sorted(refused) == sorted(accepted.DANGEROUS)
    assert set(accepted.DECODERS) & {name for name, _ in lines} == set()


# As another encoder's clip would say it is: the decoder is chosen by these bytes alone.
@pytest.mark.parametrize("tag", ["CFHD", "TDSC", "drac", "M8RG"])
def test_pictures_of_a_decoder_with_a_hole_are_refused(tag: str, tmp_path: Path) -> None:
    content = media.clip("avi_xvid_mp3").read_bytes()
    assert b"XVID" in content
    (tmp_path / "source").write_bytes(content.replace(b"XVID", tag.encode()))
    with pytest.raises(Refused, match="unsupported_codec"):
        convert(tmp_path / "source", tmp_path / "out")
