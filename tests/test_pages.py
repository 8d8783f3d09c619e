"""Every kind of page in a browser: accessible, no wider than a telephone, quiet and still.

None sets a cookie but those of session and CSRF.

A new page is one more line in PAGES: its name, who opens it, and how to get there.
"""

from typing import Any

import pytest
from django.shortcuts import render
from django.test import Client
from playwright.sync_api import Browser, Page

from contests import mine
from contests.models import State
from tests.accessible import violations
from tests.opening import Opener, answered, at, posted
from tests.server import served
from tests.staff import sign_in
from tests.world import World, make_world
from videoshare import errors

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def state(which: State) -> tuple[str, str, Opener]:
    """The page of a video on its way."""
    return f"video {which}", "", at(lambda w: w.states[which].manage_url)


PAGES: list[tuple[str, str, Opener]] = [
    ("front page", "", at(lambda w: "/")),
    ("front page, nothing found", "", at(lambda w: "/?q=xyz&show=over")),
    # --- voters
    ("contest", "", at(lambda w: w.home)),
    ("contest, opened video", "", at(lambda w: w.entry.get_absolute_url())),
    ("contest, video not there", "", at(lambda w: f"{w.home}?video_id=0", 404)),
    ("contest, second page, signed in", "newcomer", at(lambda w: f"{w.home}?page=2")),
    ("contest without videos", "", at(lambda w: w.empty.get_absolute_url())),
    ("contest that is over", "", at(lambda w: w.closed.get_absolute_url())),
    ("ranking", "", at(lambda w: f"{w.home}ranking/")),
    ("ranking, hidden", "", at(lambda w: f"{w.empty.get_absolute_url()}ranking/")),
    ("rules", "", at(lambda w: f"{w.home}bases/")),
    ("rules, an old version", "", at(lambda w: f"{w.home}bases/?version=1")),
    ("preview of a draft", "", at(lambda w: f"{w.draft.get_absolute_url()}?vista=preview")),
    ("ranking of nothing", "", at(lambda w: f"{w.closed.get_absolute_url()}ranking/")),
    ("report a video", "", at(lambda w: f"{w.home}denunciar/{w.entry.pk}/")),
    ("door of a private contest", "", at(lambda w: f"{w.private.get_absolute_url()}entrar/")),
    ("vote without an account", "", posted(lambda w: w.home, ".votes form", value="1")),
    ("vote to confirm", "", at(lambda w: w.confirmation)),
    ("vote with a code", "", at(lambda w: f"{w.home}codigo/")),
    ("vote with a code, mistaken", "", posted(lambda w: f"{w.home}codigo/", code="x")),
    ("contest's privacy", "", at(lambda w: f"{w.home}privacidad/")),
    ("site's privacy", "", at(lambda w: "/privacidad/")),
    ("voter's data, none", "", at(lambda w: f"{w.home}mis-datos/")),
    # --- participants
    ("submit", "", at(lambda w: f"{w.home}participar/")),
    ("submit, mistaken", "", posted(lambda w: f"{w.home}participar/", email="ada")),
    ("submit, asked for a code", "", at(lambda w: f"{w.home}participar/codigo/")),
    ("submit, too late", "", at(lambda w: f"{w.closed.get_absolute_url()}participar/")),
    ("video ready", "", at(lambda w: w.entry.manage_url)),
    *map(state, (State.QUEUED, State.RUNNING, State.FAILED, State.DEAD, State.CANCELLED)),
    ("video sent back by the team", "", at(lambda w: w.sent_back.manage_url)),
    ("change a video", "", at(lambda w: f"{w.entry.manage_url}cambiar/")),
    ("change a video, mistaken", "", posted(lambda w: f"{w.entry.manage_url}cambiar/", title="")),
    ("find one's videos", "", at(lambda w: "/mis-videos/")),
    ("find one's videos, mailed", "", posted(lambda w: "/mis-videos/", email="a@example.org")),
    ("find one's videos, mistaken", "", posted(lambda w: "/mis-videos/", email="ada")),
    ("one's videos", "", at(lambda w: mine.link(w.entry))),
    ("one's videos, bad link", "", at(lambda w: "/mis-videos/x/", 404)),
    ("verify a receipt", "", at(lambda w: "/recibo/")),
    ("verify a receipt, none", "", posted(lambda w: "/recibo/", text="x")),
    ("erase one's data", "", at(lambda w: f"{w.entry.manage_url}borrar/")),
    ("withdraw", "", at(lambda w: f"{w.entry.manage_url}retirar/")),
    # --- organizers
    ("own contests", "organizer", at(lambda w: "/organizador/")),
    ("no own contests", "newcomer", at(lambda w: "/organizador/")),
    ("new contest", "organizer", at(lambda w: "/organizador/nuevo/")),
    ("new contest, mistaken", "organizer", posted(lambda w: "/organizador/nuevo/", url="A b")),
    ("settings", "organizer", at(lambda w: f"{w.desk}ajustes/")),
    ("settings, mistaken", "organizer", posted(lambda w: f"{w.desk}ajustes/", name="")),
    ("settings, dates", "organizer", at(lambda w: f"{w.desk}ajustes/fechas/")),
    ("settings, taking part", "organizer", at(lambda w: f"{w.desk}ajustes/participar/")),
    ("settings, rules", "organizer", at(lambda w: f"{w.desk}ajustes/bases/")),
    ("settings, categories", "organizer", at(lambda w: f"{w.desk}ajustes/categorias/")),
    ("settings, questions", "organizer", at(lambda w: f"{w.desk}ajustes/preguntas/")),
    ("settings, one question", "organizer", at(lambda w: f"{w.question}")),
    ("settings, remove a question", "organizer", at(lambda w: f"{w.question}quitar/")),
    ("settings, data", "organizer", at(lambda w: f"{w.desk}ajustes/datos/")),
    ("own contest", "organizer", at(lambda w: w.desk)),
    ("own contest without videos", "organizer", at(lambda w: f"/organizador/{w.empty.url}/")),
    ("team's videos", "organizer", at(lambda w: f"{w.desk}videos/?state=succeeded")),
    ("team's videos, nothing ticked", "organizer", posted(lambda w: f"{w.desk}videos/", ".decide")),
    ("team's videos, nothing found", "organizer", at(lambda w: f"{w.desk}videos/?q=xyz")),
    ("team's video", "organizer", at(lambda w: f"{w.desk}videos/{w.entry.pk}/")),
    ("team", "organizer", at(lambda w: f"{w.desk}equipo/")),
    ("team, leave", "organizer", at(lambda w: f"{w.desk}equipo/{w.contest.team.last().pk}/salir/")),
    (
        "team, mistaken",
        "organizer",
        posted(lambda w: f"{w.desk}equipo/", ".medium form", email="a"),
    ),
    ("team, invited", "", at(lambda w: w.invitation)),
    ("team, join", "newcomer", at(lambda w: w.invitation)),
    ("codes", "organizer", at(lambda w: w.codes)),
    ("codes, mistaken", "organizer", posted(lambda w: w.codes, "#main .panel form", number="0")),
    ("codes, nothing found", "organizer", at(lambda w: f"{w.codes}?q=xyz")),
    (
        *("codes, revoke", "organizer"),
        at(lambda w: f"{w.codes}retirar/?code={w.contest.codes.get().pk}"),
    ),
    ("sheets of codes", "organizer", at(lambda w: f"{w.codes}hojas/")),
    ("submit for others", "organizer", at(lambda w: f"{w.desk}enviar/")),
    ("history", "organizer", at(lambda w: f"{w.desk}historial/")),
    ("announce", "organizer", at(lambda w: f"/organizador/{w.draft.url}/anunciar/")),
    ("duplicate", "organizer", at(lambda w: f"{w.desk}duplicar/")),
    ("delete a contest", "organizer", at(lambda w: f"{w.desk}borrar/")),
    # --- accounts
    ("sign in", "", at(lambda w: "/cuenta/login/")),
    ("sign in, mistaken", "", posted(lambda w: "/cuenta/login/", login="ada")),
    ("sign up", "", at(lambda w: "/cuenta/signup/")),
    ("sign out", "organizer", at(lambda w: "/cuenta/logout/")),
    ("password forgotten", "", at(lambda w: "/cuenta/password/reset/")),
    ("password forgotten, mailed", "", at(lambda w: "/cuenta/password/reset/done/")),
    ("e-mail to confirm", "", at(lambda w: "/cuenta/confirm-email/")),
    ("e-mail confirmation, expired", "", at(lambda w: "/cuenta/confirm-email/x/")),
    ("addresses", "organizer", at(lambda w: "/cuenta/email/")),
    ("new password", "organizer", at(lambda w: "/cuenta/password/change/")),
    ("account's data", "organizer", at(lambda w: "/cuenta/datos/")),
    ("second step", "organizer", at(lambda w: "/cuenta/dos-pasos/")),
    ("second step in use", "staff", at(lambda w: "/cuenta/dos-pasos/")),
    ("password asked for again", "staff", at(lambda w: "/cuenta/reauthenticate/")),
    # --- who runs the site, and faults
    ("fleet", "staff", at(lambda w: "/ops/")),
    ("find a person", "staff", at(lambda w: "/ops/persona/")),
    ("administration", "staff", at(lambda w: "/ops/admin/")),
    ("administration, a list", "staff", at(lambda w: "/ops/admin/contests/entry/")),
    ("nothing here", "", at(lambda w: "/nada/", 404)),
    ("our own fault", "", answered(errors.server_error)),
    ("form too old", "", answered(errors.csrf_failure)),
    ("too many requests", "", answered(lambda request: render(request, "429.html"))),
]

# How much has moved by itself since the page began, of what stood on the screen.
MOST_SHIFT = 0.02
MOST_BYTES = 150_000  # of a contest's page, before pictures and videos
SHIFT = """(most) => {
    const watch = new PerformanceObserver(() => {});
    watch.observe({type: "layout-shift", buffered: true});
    const shifts = watch.takeRecords();
    const sum = shifts.reduce((sum, each) => sum + each.value, 0);
    const nodes = shifts.flatMap(({sources}) => sources.map(({node}) => node));
    const who = nodes.map((node) => `${node?.nodeName}.${node?.className ?? ""}`);
    return sum > most ? [`moved by ${sum.toFixed(3)}: ${who.join(" ")}`] : [];
}"""
SCROLL = """async () => {
    for (const each of document.images) {
        each.scrollIntoView();
        await each.decode();
    }
}"""


def sessions(world: World, site: str) -> dict[str, list[Any]]:
    """The cookies of each of the world's people, and of nobody in particular."""
    organizer, newcomer, staff = Client(), Client(), Client()
    organizer.force_login(world.organizer)
    newcomer.force_login(world.newcomer)
    sign_in(staff, world.staff)
    people = {"organizer": organizer, "newcomer": newcomer, "staff": staff}
    cookies = {name: client.cookies["sessionid"].value for name, client in people.items()}
    made = {
        name: [{"name": "sessionid", "value": value, "url": site}]
        for name, value in cookies.items()
    }
    return {"": [], **made}


def faults(page: Page, looks: list[tuple[int, str]]) -> list[str]:
    """What is wrong with a page in each of these looks: a width in pixels and a colour scheme."""
    found = list(page.evaluate(SHIFT, MOST_SHIFT))
    for width, scheme in looks:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{wide} wide on {width}"] if wide > width else []
        wrong = violations(page, colours_only=scheme == "dark")
        found += [f"{width} {scheme}: {each}" for each in wrong]
    return found


@pytest.mark.parametrize(
    "language, looks",
    [
        ("es", [(390, "light"), (390, "dark"), (1280, "dark"), (1280, "light")]),
        ("en", [(390, "light")]),
    ],
    ids=["es", "en"],
)
def test_every_page(browser: Browser, language: str, looks: list[tuple[int, str]]) -> None:
    world = make_world()
    complaints: list[str] = []
    found: list[str] = []
    context = browser.new_context(locale=language, reduced_motion="reduce")
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda sent: complaints.append(sent.url))
    with served() as site:
        cookies = sessions(world, site)
        page.goto(site)
        for name, person, go in PAGES:
            context.clear_cookies()
            context.add_cookies(cookies[person])
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 390, "height": 900})
            complaints.clear()
            go(page, site, world)
            wrong = faults(page, looks)
            wrong += [each for each in complaints if not harmless(each, site)]
            others = {each["name"] for each in context.cookies()} - {"sessionid", "csrftoken"}
            wrong += [f"cookie {each}" for each in others]
            found += [f"{name}: {each}" for each in wrong]
        context.close()
    assert not found, "\n".join(found)


def harmless(complaint: str, site: str) -> bool:
    """Our own addresses, and the browser's word for a page that answers 404 and means it."""
    return complaint.startswith(site) or "the server responded with a status of 4" in complaint


def test_a_contests_page_is_light_and_stands_still(page: Page) -> None:
    world = make_world()
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def began(got: dict[str, Any]) -> None:
        names[got["requestId"]] = got["response"]["url"]

    def ended(got: dict[str, Any]) -> None:
        # Once each: what comes a second time comes from the browser's cache.
        sizes.setdefault(names[got["requestId"]], got["encodedDataLength"])

    network.on("Network.responseReceived", began)
    network.on("Network.loadingFinished", ended)
    with served() as site:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(site + world.home)
            # Pictures come when they are scrolled to; nothing makes room for them only then.
            page.evaluate(SCROLL)
            assert page.evaluate(SHIFT, MOST_SHIFT) == []
    frame = {url: size for url, size in sizes.items() if f"{site}/media/" not in url}
    assert sum(frame.values()) < MOST_BYTES, frame
