"""What the public reads: the list of contests, a contest with its videos, its ranking."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backends import storage
from contests import ordering, results, searching
from contests.models import Contest, Conversion, State
from contests.models.contest import Visibility
from voters import cards, dates, identity, previews, shuffling

CONTESTS_A_PAGE = 12
ENTRIES_A_PAGE = 10
RANKS_A_PAGE = 50
# How many of a contest's entries are on their way: nothing more of them is public.
_UNDER_WAY = Conversion.objects.filter(
    entry__contest=OuterRef("pk"),
    entry__published=None,
    state__in=(State.QUEUED, State.RUNNING),
)
_CONVERTING = Coalesce(
    Subquery(
        _UNDER_WAY.order_by()
        .values("entry__contest")
        .annotate(count=Count("entry", distinct=True))
        .values("count")
    ),
    0,
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """List the public contests, or those searched for: first what is open, last what is over."""
    now = timezone.now()
    takes_videos = Q(submissions_open__lte=now, submissions_close__gt=now)
    takes_votes = Q(voting_open__lte=now, voting_close__gt=now)
    choices = {
        "": (_("All"), Q()),
        "submissions": (_("Taking videos"), takes_videos),
        "voting": (_("Voting now"), takes_votes),
        "over": (_("Over"), Q(voting_close__lte=now)),
    }
    shown = request.GET.get("show", "")
    shown = shown if shown in choices else ""
    words = request.GET.get("q", "").strip()
    public = Contest.objects.announced().filter(choices[shown][1], visibility=Visibility.PUBLIC)
    is_open = When(takes_videos | takes_votes, then=Value(0))
    order = Case(is_open, When(voting_close__gt=now, then=Value(1)), default=2)
    found = searching.find(public, words).order_by(order, "-submissions_open", "-pk")
    page = _page(request, found, CONTESTS_A_PAGE)
    context = {
        "page": page,
        "contests": [(each, dates.standing(each, now), image_url(each)) for each in page],
        "choices": [(name, label) for name, (label, _rows) in choices.items()],
        "shown": shown,
        "words": words,
    }
    return render(request, "voters/home.html", context)


@require_safe
def contest(request: HttpRequest, url: str) -> HttpResponse:
    """Show a contest, ten of its videos and, for `?video_id=`, one of them opened."""
    now = timezone.now()
    known = Contest.objects.announced().annotate(converting=_CONVERTING)
    contest: Any = get_object_or_404(known, url=url)
    voter = identity.known_voter(request, contest)
    order = shuffling.order(request, contest, voter)
    page = _page(request, order.ids, ENTRIES_A_PAGE)
    listed, wanted = list(page.object_list), request.GET.get("video_id")
    opened = _number(wanted or "")
    made = cards.make(contest, [*listed, *opened], voter)
    player = next((made[pk] for pk in opened if pk in made), None)
    if request.method == "GET":
        ordering.count_seen(listed)
    context = {
        "contest": contest,
        "preview": previews.of_video(player) if player else previews.of_contest(contest),
        "image_url": image_url(contest),
        "standing": dates.standing(contest, now),
        "accepts_entries": contest.accepts_entries(now),
        "accepts_votes": contest.accepts_votes(now),
        "votes_by_mail": voter is not None and not request.user.is_authenticated,
        "page": page,
        "order": order.carried,
        "opened": player,
        "cards": [made[pk] for pk in listed if pk in made],
        "missing": bool(wanted and not player),
        "converting": contest.converting,
    }
    status = 404 if context["missing"] else 200
    return render(request, "voters/contest.html", context, status=status)


@require_safe
def ranking(request: HttpRequest, url: str) -> HttpResponse:
    """Show a contest's videos by score."""
    contest = get_object_or_404(Contest.objects.announced(), url=url)
    page = _page(request, results.ranking(contest), RANKS_A_PAGE)
    entries = list(page.object_list)
    # The longest bar is that of the most voted; the bars are drawn on a scale of 100.
    most = max((each.votes_for + each.votes_against for each in entries), default=0) or 1
    rows = [
        (each, round(100 * each.votes_for / most), round(100 * each.votes_against / most))
        for each in entries
    ]
    context = {
        "contest": contest,
        "standing": dates.standing(contest, timezone.now()),
        "page": page,
        "rows": rows,
    }
    return render(request, "voters/ranking.html", context)


def image_url(contest: Contest) -> str:
    """Return where a contest's image is read from; empty without one."""
    return storage.public_url(contest.image_key) if contest.image_key else ""


def _page(request: HttpRequest, rows: QuerySet | list[int], size: int) -> Page:
    """Return the page that `?page=` asks for; the first when it asks for no page at all."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def _number(wanted: str) -> list[int]:
    """Return the id that was asked for, or nothing when it is none."""
    return [int(wanted)] if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else []
