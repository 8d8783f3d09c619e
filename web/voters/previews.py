"""What other sites show of a page that somebody shares there (Open Graph)."""

from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.utils.text import Truncator

from backends import storage
from contests.models import Contest, Rendition, Visibility
from voters.cards import Card

_DESCRIPTION = 200  # characters; networks show fewer


@dataclass(frozen=True)
class Preview:
    """A page's title, address and picture; `video` plays in place. Addresses are absolute."""

    title: str
    description: str
    url: str
    image_url: str = ""
    image: Rendition | None = None  # its size, when known
    video_url: str = ""
    video: Rendition | None = None


def of_contest(contest: Contest) -> Preview:
    """Return what stands for a contest, with its picture; for a private one its name alone."""
    if contest.visibility == Visibility.PRIVATE:
        return Preview(contest.name, "", _absolute(contest.get_absolute_url()))
    return Preview(
        contest.name,
        Truncator(contest.description).chars(_DESCRIPTION),
        _absolute(contest.get_absolute_url()),
        _absolute(storage.public_url(contest.image_key)) if contest.image_key else "",
    )


def of_video(card: Card) -> Preview:
    """Return what stands for an entry: its best poster, whole in the shape networks show."""
    if card.entry.contest.visibility == Visibility.PRIVATE:
        return of_contest(card.entry.contest)
    image = card.share or card.poster
    return Preview(
        card.entry.title,
        Truncator(card.entry.description).chars(_DESCRIPTION),
        _absolute(card.entry.get_absolute_url()),
        _absolute(storage.public_url(image.key)) if image else "",
        image,
        _absolute(card.video_url) if card.video else "",
        card.video,
    )


def _absolute(url: str) -> str:
    return urljoin(f"{settings.WEB_URL}/", url)
