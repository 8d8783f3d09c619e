"""Each audience's way by keyboard alone: Tab, Enter, Space, arrows and typing, nothing else.

In both languages, in English on a desk's screen and in Spanish on a telephone's. Whatever has the
focus on the way can be seen to have it, and what changes by itself is told.
"""

import os
from dataclasses import dataclass

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from contests import issuing
from contests.models import Choice, Code, Contest, Entry, Moderation
from tests import media
from tests.factories import make_contest, make_ready_entry, make_user, owner_of
from tests.server import served
from tests.waiting import until
from workerjob.convert import Tools
from workerjob.worker import Worker

# Playwright runs an event loop in this very thread; our queries are none of its business.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MOST = 60  # presses of Tab until one must have arrived
FOCUS = "document.activeElement"
# What an eye sees around what has the focus: a card rings as one with the link that fills it, and
# within a player the browser itself does.
SHOWN = """() => {
    const here = document.activeElement;
    if (here.matches("video:not(:focus-visible)")) return true;
    return [here, here.closest(".card")].filter(Boolean).some((each) => {
        const {outlineStyle, outlineWidth} = getComputedStyle(each);
        return outlineStyle !== "none" && outlineWidth !== "0px";
    });
}"""


SPANISH = {
    "Create your first contest": "Crea tu primer concurso",
    "Name": "Nombre",
    "Submissions open on": "Los envíos se abren el",
    "Submissions close on": "Los envíos se cierran el",
    "Voting opens on": "La votación se abre el",
    "Voting closes on": "La votación se cierra el",
    "Create the contest": "Crear el concurso",
    "Your contest is there, as a draft only your team sees.": (
        "Tu concurso está creado, como borrador que solo ve tu equipo."
    ),
    "Settings": "Ajustes",
    "Who takes part": "Quién participa",
    "Show videos once the team has approved them": (
        "Mostrar los vídeos cuando el equipo los apruebe"
    ),
    "Save": "Guardar",
    "The settings are saved.": "Los ajustes están guardados.",
    "Rules": "Bases",
    "The rules (optional)": "Las bases (opcional)",
    "What people agree to (optional)": "A qué dice que sí la gente (opcional)",
    "Save as a new version": "Guardar como versión nueva",
    "Version 1 of the rules is saved.": "La versión 1 de las bases está guardada.",
    "Preview and announce…": "Ver y anunciar…",
    "Announce it now": "Anunciarlo ahora",
    "Videos": "Vídeos",
    "Approve": "Aprobar",
    "Approved: 1 video.": "1 vídeo aprobado.",
    "Send a video": "Enviar un vídeo",
    "Video file": "Archivo de vídeo",
    "The file has arrived.": "El archivo ha llegado.",
    "Title": "Título",
    "Surname": "Apellidos",
    "E-mail": "Correo electrónico",
    "Submit my video": "Enviar mi vídeo",
    "Your video is ready": "Tu vídeo está listo",
    "Change texts, poster or captions": "Cambiar textos, portada o subtítulos",
    "Save the texts": "Guardar los textos",
    "Saved.": "Guardado.",
    "For 0: vote for “Tape”": "A favor 0: votar a favor de «Tape»",
    "Your e-mail": "Tu correo",
    "vote with a code": "vota con un código",
    "Your code": "Tu código",
    "Vote saved": "Voto guardado",
    "Vote taken back": "Voto retirado",
}


@dataclass(frozen=True)
class Reader:
    """How somebody reads; but dates are typed in English, as Chromium writes them here."""

    locale: str
    width: int
    words: dict[str, str]

    def __call__(self, english: str) -> str:
        """Say what a page says, in the reader's language."""
        return self.words.get(english, english)


@pytest.fixture(
    params=[Reader("en-US", 1280, {}), Reader("es-ES", 390, SPANISH)],
    ids=["en", "es"],
)
def say(request: pytest.FixtureRequest) -> Reader:
    """Who reads."""
    return request.param


@pytest.fixture
def browser_context_args(browser_context_args, say):
    """A browser of the reader's, which writes dates as they do."""
    size = {"width": say.width, "height": 900}
    return browser_context_args | {"locale": say.locale, "viewport": size}


@pytest.fixture
def site():
    """The site's address."""
    with served() as address:
        yield address


def focused(page: Page) -> str:
    """The accessible name of what has the focus, as the browser tells it to a screen reader."""
    browser = page.context.new_cdp_session(page)
    here = browser.send("Runtime.evaluate", {"expression": FOCUS})["result"]["objectId"]
    asked = {"objectId": here, "fetchRelatives": False}
    told = browser.send("Accessibility.getPartialAXTree", asked)["nodes"][0]
    browser.detach()
    return str(told.get("name", {}).get("value", ""))


def reach(page: Page, name: str, key: str = "Tab") -> None:
    """Press Tab until what has this accessible name has the focus; fail when it never has."""
    passed: list[str] = []
    for _ in range(MOST):
        page.keyboard.press(key)
        passed.append(focused(page))
        if page.evaluate(f"{FOCUS} !== document.body"):
            assert page.evaluate(SHOWN), f"{passed[-1]} does not show its focus"
        if passed[-1] == name:
            return
    raise AssertionError(f"{name!r} is not among {passed}")


def press(page: Page, name: str) -> None:
    """Go to a link or a button, and press Enter."""
    reach(page, name)
    page.keyboard.press("Enter")


def write(page: Page, name: str, text: str) -> None:
    """Go to a field, and type; what stood there is typed over."""
    reach(page, name)
    page.keyboard.type(text)


def follow(page: Page, name: str) -> None:
    """Press Enter on what leads to another page, and be there."""
    with page.expect_navigation():
        press(page, name)


def told(page: Page, text: str) -> None:
    """What a screen reader says by itself."""
    expect(page.get_by_role("status").filter(has_text=text)).to_have_count(1)


def test_an_organizer(page: Page, site: str, say: Reader) -> None:
    olga, client = make_user(), Client()
    client.force_login(olga)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    page.goto(f"{site}/organizador/")
    follow(page, say("Create your first contest"))
    write(page, say("Name"), "By keys")
    for name, day in {
        "Submissions open on": "01/02/2026",
        "Submissions close on": "01/03/2090",
        "Voting opens on": "01/02/2026",
        "Voting closes on": "01/04/2090",
    }.items():
        reach(page, say(name))
        page.keyboard.type(day)
        page.keyboard.press("ArrowRight")
        page.keyboard.type("0800A")
    follow(page, say("Create the contest"))
    told(page, say("Your contest is there, as a draft only your team sees."))

    follow(page, say("Settings"))
    follow(page, say("Who takes part"))
    reach(page, say("Show videos once the team has approved them"))
    page.keyboard.press("Space")
    follow(page, say("Save"))
    told(page, say("The settings are saved."))
    follow(page, say("Rules"))
    write(page, say("The rules (optional)"), "Be kind.")
    write(page, say("What people agree to (optional)"), "It is mine.")
    follow(page, say("Save as a new version"))
    told(page, say("Version 1 of the rules is saved."))
    follow(page, "By keys")
    follow(page, say("Preview and announce…"))
    follow(page, say("Announce it now"))

    entry = make_ready_entry(Contest.objects.get(), title="Tape", moderation=Moderation.PENDING)
    follow(page, say("Videos"))
    follow(page, "Tape")
    follow(page, say("Approve"))
    told(page, say("Approved: 1 video."))
    assert Entry.objects.get(pk=entry.pk).moderation == Moderation.APPROVED


def test_a_participant(page: Page, site: str, say: Reader) -> None:
    contest = make_contest(name="Films")
    page.goto(site)
    follow(page, "Films")
    follow(page, say("Send a video"))
    reach(page, say("Video file"))
    page.locator(":focus").set_input_files(media.clip("flv_h264_aac"))
    told(page, say("The file has arrived."))
    write(page, say("Title"), "Tape")
    write(page, say("Name"), "Rosa")
    write(page, say("Surname"), "Luz")
    write(page, say("E-mail"), "rosa@example.org")
    follow(page, say("Submit my video"))
    Worker(Tools()).run(burst=True)
    told(page, say("Your video is ready"))
    follow(page, say("Change texts, poster or captions"))
    write(page, say("Title"), "My tape")
    follow(page, say("Save the texts"))
    told(page, say("Saved."))
    assert contest.entries.get().title == "My tape"


def test_a_voter(page: Page, site: str, say: Reader) -> None:
    contest = make_contest(name="Films")
    entry = make_ready_entry(contest, title="Tape", video=media.clip("mp4").read_bytes())
    code = issuing.make(contest, Code.Kind.VOTE, 1, owner_of(contest))[0].code
    page.goto(site)
    follow(page, "Films")
    follow(page, "Tape")
    page.keyboard.press("Tab")
    while page.evaluate(f"{FOCUS}.tagName") != "VIDEO":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    until(lambda: page.evaluate("document.querySelector('video').currentTime") > 0)
    press(page, say("For 0: vote for “Tape”"))
    expect(page.get_by_label(say("Your e-mail"))).to_be_focused()
    follow(page, say("vote with a code"))
    write(page, say("Your code"), code)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, say("For 0: vote for “Tape”"))
    told(page, say("Vote saved"))
    assert Choice.objects.get().entry == entry
    page.keyboard.press("Enter")
    told(page, say("Vote taken back"))
    assert not Choice.objects.exists()
