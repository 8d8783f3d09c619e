"""A team submits videos for others in a real browser, on a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from contests.models import Entry, Upload
from tests.factories import make_contest, owner_of
from tests.server import served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LIST = """Archivo;Título;Nombre;Apellidos;Correo;Categoría
sea.mov;The sea;Ada;Lovelace;;fiction
Río.mov;The river;Grace;;grace@example;Fiction
lost.mov;Lost;Alan;;;
;Nothing;;;;
"""


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[Path]]:
    """Small files that look like videos, each of a size of its own."""

    def make(*names: str) -> list[Path]:
        paths = [tmp_path / name for name in names]
        for number, path in enumerate(paths):
            path.write_bytes(b"\0\0\0\x18ftypqt  " + bytes(1000 + number))
        return paths

    return make


def test_three_files_and_a_list(page: Page, files: Callable[..., list[Path]], tmp_path: Path):
    contest = make_contest(announced_at=None)
    contest.categories.create(name="Fiction")
    client = Client()
    client.force_login(owner_of(contest))
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": 390, "height": 844})
    with served() as site:
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page.goto(f"{site}/organizador/{contest.url}/")
        page.get_by_role("link", name="Submit for others").click()
        rows = page.locator(".batch > li")

        def row(name: str) -> Locator:
            return rows.filter(has=page.get_by_text(name, exact=True))

        # The list's name of the file has another case and another form of the same letters.
        chosen = files("sea.mov", "ri\u0301o.mov", "third_film.mov", "text.mov")
        chosen[-1].write_text("Only words.")
        page.get_by_label("Video files").set_input_files(chosen)
        page.get_by_label("Video files").set_input_files(chosen[0])  # twice is once
        expect(rows).to_have_count(4)
        expect(row("text.mov").get_by_text("not a video of a kind we accept")).to_be_visible()
        row("text.mov").get_by_role("button", name="Remove").click()
        csv = tmp_path / "list.csv"
        csv.write_bytes(LIST.encode("latin-1"))
        page.get_by_label("List (CSV)").set_input_files(csv)
        expect(page.locator("#list-problems td")).to_have_text(["5", "It names no file."])
        expect(rows).to_have_count(4)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        expect(rows.get_by_label("Title")).to_have_count(4)
        titles = [field.input_value() for field in rows.get_by_label("Title").all()]
        assert titles == ["The sea", "The river", "third film", "Lost"]

        # What the list left out is typed; what it had wrong is told, and corrected.
        river = rows.nth(1)
        expect(river.get_by_text("Enter a valid email address.")).to_be_visible()
        river.get_by_label("E-mail", exact=True).fill("grace@example.org")
        page.locator("[data-all=first_name]").fill("Class 4B")
        # As by signing in anew in another tab.
        page.context.add_cookies([{"name": "csrftoken", "value": "a" * 32, "url": site}])
        page.get_by_role("button", name="Submit the videos (3)").dblclick()
        done = "All are submitted: 3. They are converted now. "
        summary = f"{done}Files of the list that you have not chosen: 1."
        expect(page.locator("[data-part=summary]")).to_have_text(summary)
        expect(rows.get_by_role("link")).to_have_count(3)

        # The same again, after the page was closed: nothing is submitted twice.
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
        page.get_by_label("Video files").set_input_files(chosen[0])
        expect(rows.get_by_text(re.compile("of this name and size already"))).to_be_visible()
    found = Entry.objects.order_by("pk").values_list(
        "title", "first_name", "last_name", "email", "category__name"
    )
    assert list(found) == [
        ("The sea", "Ada", "Lovelace", "", "Fiction"),
        ("The river", "Grace", "", "grace@example.org", "Fiction"),
        ("third film", "Class 4B", "", "", None),
    ]
    assert Upload.objects.filter(by_team=True).count() == 3
    assert complaints == []
