"""Ways to a page, for the table of tests/test_pages.py."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page

from tests.world import World

Opener = Callable[[Page, str, World], Any]
Path = Callable[[World], str]


def at(path: Path, status: int = 200) -> Opener:
    """By its path, which answers with this status and leads nowhere else."""

    def go(page: Page, site: str, world: World) -> None:
        address = site + path(world)
        answer = page.goto(address)
        assert answer is not None
        assert (page.url, answer.status) == (address, status)

    return go


def posted(path: Path, form: str = "main form", **values: str) -> Opener:
    """By sending a page's form as it is but for these values, past the browser's own checks."""
    send = """([selector, values]) => {
        const form = document.querySelector(selector);
        for (const [name, value] of Object.entries(values)) {
            form.querySelectorAll(`[name="${name}"]`).forEach((old) => old.remove());
            form.append(Object.assign(document.createElement("input"), {name, value}));
        }
        form.submit();
    }"""

    def go(page: Page, site: str, world: World) -> None:
        page.goto(site + path(world))
        with page.expect_navigation():
            page.evaluate(send, [form, values])

    return go


def answered(answer: Callable[[HttpRequest], HttpResponse]) -> Opener:
    """What only a fault brings about, at an address of the site's."""

    def go(page: Page, site: str, world: World) -> None:
        with translation.override(page.evaluate("navigator.language")):
            body = answer(RequestFactory().get("/")).content
        page.route(f"{site}/answered/", lambda route: route.fulfill(body=body))
        page.goto(f"{site}/answered/")
        page.unroute(f"{site}/answered/")

    return go
