"""What the pages show of an entry: the public part of it, with its votes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.urls import reverse

from backends import storage
from contests import languages, results
from contests.models import Answer, Captions, Choice, Contest, Rendition, Voter


@dataclass(frozen=True)
class Card:
    """An entry as the public sees it, with `votes_for` and `votes_against`.

    `choice` is the visitor's own: 1, -1 or 0 for none.
    """

    entry: Any
    video: Rendition | None
    poster: Rendition | None
    share: Rendition | None
    choice: int

    @property
    def video_url(self) -> str:
        """Where the video is read from."""
        return storage.public_url(self.video.key) if self.video else ""

    @property
    def poster_url(self) -> str:
        """Where the poster is read from; empty without one."""
        return storage.public_url(self.poster.key) if self.poster else ""

    @property
    def tracks(self) -> list[languages.Track]:
        """The video's captions."""
        if not self.entry.has_captions:
            return []
        url, pk = self.entry.contest.url, self.entry.pk
        return languages.tracks(
            self.entry, lambda code: reverse("voters:captions", args=[url, pk, code])
        )

    @property
    def answers(self) -> QuerySet[Answer]:
        """What its author answered to the organizer's public questions."""
        if not self.entry.has_answers:
            return Answer.objects.none()
        public: QuerySet[Answer] = self.entry.answers.filter(question__public=True)
        return public.select_related("question").order_by("question__position", "question")

    @property
    def duration(self) -> str:
        """The video's length as m:ss."""
        seconds = round((self.video and self.video.duration) or 0)
        return f"{seconds // 60}:{seconds % 60:02}"


def make(contest: Contest, ids: Sequence[int], voter: Voter | None) -> dict[int, Card]:
    """Return a card for each of these entries that is public, in this order, by its id.

    In two queries however many there are.
    """
    entries = results.with_votes(contest.entries.public().filter(pk__in=ids))
    answers = Answer.objects.filter(entry=OuterRef("pk"), question__public=True)
    entries = entries.annotate(
        choice=_choice(voter),
        has_captions=Exists(Captions.objects.filter(entry=OuterRef("pk"))),
        has_answers=Exists(answers),
    ).select_related("published", "category")
    found = {each.pk: each for each in entries.prefetch_related("published__renditions")}
    return {pk: _card(found[pk]) for pk in ids if pk in found}


def _choice(voter: Voter | None) -> Any:
    if voter is None or voter.pk is None:
        return Value(0, IntegerField())
    mine = Choice.objects.filter(ballot__voter=voter.pk, entry=OuterRef("pk"))
    return Subquery(mine.values("value"))


def _card(entry: Any) -> Card:
    renditions = entry.published.renditions.all()
    kinds = {each.kind: each for each in renditions if not each.number}
    # The one its author chose, if a later conversion still made so many.
    kinds |= {each.kind: each for each in renditions if each.number == entry.poster}
    video, poster = kinds.get(Rendition.Kind.MP4), kinds.get(Rendition.Kind.POSTER)
    return Card(entry, video, poster, kinds.get(Rendition.Kind.SHARE), entry.choice or 0)
