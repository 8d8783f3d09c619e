"""A site with something of everything, for the test that opens every kind of page."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from backends import storage
from contests.models import Category, Code, Contest, Entry, Moderation, Question, Role, State
from contests.models.contest import Visibility
from contests.receipts import note_digest
from contests.ruling import Consent, write
from tests.factories import (
    make_code,
    make_contest,
    make_entry,
    make_ready_entry,
    make_user,
    make_voter,
    picture,
    store,
)
from tests.staff import make_staff


@dataclass(frozen=True)
class World:
    """People and what they have made; all but `newcomer` have something."""

    organizer: User
    newcomer: User
    staff: User
    contest: Contest  # open, with an image and a colour, and two pages of videos
    empty: Contest
    draft: Contest  # with a preview link
    closed: Contest
    private: Contest
    entry: Entry  # one of the contest's videos, with captions and a receipt
    sent_back: Entry  # whose author is asked for changes
    states: dict[State, Entry]  # one of each on its way, in the contest

    @property
    def home(self) -> str:
        """The contest's path."""
        return self.contest.get_absolute_url()

    @property
    def desk(self) -> str:
        """The path of the contest's page for its team."""
        return reverse("organizers:contest", args=[self.contest.url])

    @property
    def question(self) -> str:
        """The path of the page of the contest's question."""
        asked = self.contest.questions.get()
        return reverse("organizers:change_questions", args=[self.contest.url, asked.pk])

    @property
    def codes(self) -> str:
        """The path of the page of the contest's codes, of which there is one."""
        return reverse("organizers:codes", args=[self.contest.url])

    @property
    def invitation(self) -> str:
        """The path of an invitation into the contest's team."""
        return self.contest.team_invitations.get().get_absolute_url()

    @property
    def confirmation(self) -> str:
        """The path of a link that confirms a vote."""
        voter = make_voter(self.contest, verified=False)
        token = signing.dumps([voter.pk, self.entry.pk, 1], salt="confirm-vote")
        return reverse("voters:confirm", args=[token])


def make_world() -> World:
    """Make it all."""
    organizer, past = make_user("organizer@example.org"), timezone.now() - timedelta(days=9)
    image = storage.new_key(storage.CONTEST_IMAGES, ".jpg")
    store(image, picture(1600, 900))
    contest = make_contest(
        organizer,
        name="Cortos del río",
        description="Una historia junto al agua.\n\nSirve cualquier cámara.",
        image_key=image,
        accent="#ffcc00",
    )
    for text in ("Sin reglas.", "1. Sé amable."):
        consents: list[Consent] = [{"text": "El vídeo es mío.", "required": True}]
        write(contest, organizer, text, consents, seen=contest.rules.count())
    Category.objects.create(contest=contest, name="Menores de 18")
    Question.objects.create(contest=contest, text="¿De qué colegio vienes?")
    contest.team.create(user=make_user(), role=Role.MODERATOR)
    contest.team_invitations.create(email="invited@example.org", role=Role.OWNER)
    make_code(contest, Code.Kind.VOTE, label="Clase 4.º B")
    dates = {"submissions_open": past, "submissions_close": past + timedelta(days=1)}
    dates |= {"voting_open": past, "voting_close": past + timedelta(days=2)}
    ready = [make_ready_entry(contest, description="De una sola toma.") for _ in range(11)]
    best = ready[0]
    best.captions.create(language="es", text="WEBVTT\n")
    note_digest(best.pk, "ab" * 32)
    poster = storage.new_key(storage.POSTERS, ".jpg")
    store(poster, picture(640, 360))
    shape = {"codec": "mjpeg", "width": 640, "height": 360, "size": 1}
    best.conversions.get().renditions.create(kind="poster", number=1, key=poster, **shape)
    unready = [state for state in State if state != State.SUCCEEDED]
    return World(
        organizer=organizer,
        newcomer=make_user("newcomer@example.org"),
        staff=make_staff(superuser=True),
        contest=contest,
        empty=make_contest(organizer, live_counts=False),
        draft=make_contest(organizer, announced_at=None, preview_token="preview"),
        closed=make_contest(organizer, **dates),
        private=make_contest(organizer, visibility=Visibility.PRIVATE),
        entry=best,
        sent_back=make_ready_entry(
            contest, moderation=Moderation.CHANGES, moderation_reason="Quita el logotipo."
        ),
        states={state: make_entry(contest, state=state, reason="no_video") for state in unready},
    )
