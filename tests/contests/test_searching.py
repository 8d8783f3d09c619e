"""Searching contests, on SQLite as on MariaDB."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contests.models import Contest
from contests.searching import find
from tests.factories import make_contest

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return sorted(find(Contest.objects.all(), text).values_list("name", flat=True))


@pytest.fixture
def contests() -> None:
    make_contest(name="Festival del Río Magdalena", description="Canoas y atarrayas")
    make_contest(name="ÑANDÚ 100 %", description="Cortos de corredores")
    make_contest(name="Cortos_2026 (a+b) [c] ^d$ \\e", description="")


RIVER, BIRD, ODD = "Festival del Río Magdalena", "ÑANDÚ 100 %", "Cortos_2026 (a+b) [c] ^d$ \\e"


@pytest.mark.parametrize(
    "text, names",
    [
        ("", [ODD, RIVER, BIRD]),
        ("río", [RIVER]),
        ("RIO magdalena", [RIVER]),
        ("magdalena  rio", [RIVER]),
        ("rio nandu", []),
        ("ñandú", [BIRD]),
        ("nandu", [BIRD]),
        ("CANOAS", [RIVER]),
        ("cortos", [ODD, BIRD]),
        # What SQL or a regular expression would take for an instruction means itself.
        ("%", [BIRD]),
        ("_", [ODD]),
        (".", []),
        ("(a+b)", [ODD]),
        ("[c]", [ODD]),
        ("^d$", [ODD]),
        ("\\e", [ODD]),
        ("'\"--", []),
        ("\x00", [ODD, RIVER, BIRD]),
        ("cortos" + "x" * 1000, []),
    ],
)
def test_what_is_found(contests, text, names):
    assert found(text) == sorted(names)


class Hostile(TestCase):
    """Whatever is typed is an answer, never an error."""

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=40))
    def test_any_text_is_answered(self, text):
        make_contest(name="Cortos")
        assert found(text) in ([], ["Cortos"])
