"""What the pages show of an entry: the public part of it, with its votes."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from backends import storage
from contests import results, voting
from contests.models import Contest, Entry, Rendition, Voter


@dataclass(frozen=True)
class Card:
    """An entry as the public sees it. `choice` is the visitor's own: 1, -1 or 0 for none."""

    entry: Entry
    video: Rendition | None
    poster: Rendition | None
    share: Rendition | None
    tally: results.Tally
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
    def duration(self) -> str:
        """The video's length as m:ss."""
        seconds = round((self.video and self.video.duration) or 0)
        return f"{seconds // 60}:{seconds % 60:02}"


def public_entries(contest: Contest) -> QuerySet[Entry]:
    """Return the entries that have something to watch, with what a card needs of them."""
    public = contest.entries.public().select_related("published")
    return public.prefetch_related("published__renditions")


def make(entries: Collection[Entry], voter: Voter | None) -> list[Card]:
    """Return a card for each entry, in two queries however many there are."""
    tallies = results.tallies(entries)
    choices = voting.choices_of(voter, entries)
    return [_card(entry, tallies[entry.pk], choices.get(entry.pk, 0)) for entry in entries]


def _card(entry: Entry, tally: results.Tally, choice: int) -> Card:
    renditions = entry.published.renditions.all() if entry.published else ()
    kinds = {each.kind: each for each in renditions if not each.number}
    video, poster = kinds.get(Rendition.Kind.MP4), kinds.get(Rendition.Kind.POSTER)
    return Card(entry, video, poster, kinds.get(Rendition.Kind.SHARE), tally, choice)
