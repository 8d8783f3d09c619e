"""Every text of the pages and mails stands in the Spanish catalogue, complete."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from videoshare.config import ROOT

SKIPPED = shutil.ignore_patterns("node_modules", "static*", "__pycache__", "*.mo")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The catalogue as it would be if the texts were collected now."""
    web = tmp_path_factory.mktemp("texts") / "web"
    shutil.copytree(ROOT / "web", web, ignore=SKIPPED)
    command = [sys.executable, "manage.py", "makemessages", "--locale", "es", "--no-obsolete"]
    subprocess.run([*command, "--no-location"], cwd=web, check=True, capture_output=True)
    with Path(web, "locale/es/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file)


def test_nothing_is_missing_or_guessed(catalogue):
    incomplete = [m.id for m in catalogue if m.id and (m.fuzzy or not all(_forms(m.string)))]
    assert incomplete == []


def test_placeholders_are_kept(catalogue):
    wrong = [(m.id, str(e)) for m in catalogue if m.id for e in m.check(catalogue)]
    assert wrong == []


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)
