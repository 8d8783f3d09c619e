"""What the public reads: the list of contests, a contest with its videos, its ranking."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backends import storage
from contests import accepting, durations, ordering, results, searching, submitting
from contests.models import Category, Contest, Conversion, Entry, Rules, State
from contests.models.contest import Visibility
from voters import cards, dates, identity, previews, shuffling, visible

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
_ABOUT = {
    "converting": _CONVERTING,
    "has_rules": Exists(Rules.objects.filter(contest=OuterRef("pk"))),
    "has_categories": Exists(Category.objects.filter(contest=OuterRef("pk"))),
}


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
    """Show a contest, ten of its videos and, for `?video_id=`, one of them opened.

    `?categoria=` shows the videos of one category only.
    """
    now = timezone.now()
    contest: Any
    contest, previewing = visible.find(request, url, Contest.objects.annotate(**_ABOUT))
    voter = identity.known_voter(request, contest)
    order = shuffling.order(request, contest, voter)
    categories = list(contest.categories.all()) if contest.has_categories else []
    category = _category(categories, request.GET.get("categoria", ""))
    page = _page(request, _within(contest, category, order.ids), ENTRIES_A_PAGE)
    listed, wanted = list(page.object_list), request.GET.get("video_id")
    opened = _number(wanted or "")
    made = cards.make(contest, [*listed, *opened], voter)
    player = next((made[pk] for pk in opened if pk in made), None)
    if request.method == "GET":
        ordering.count_seen(listed)
    context = {
        "contest": contest,
        "previewing": previewing,
        "vista": request.GET.get("vista") if previewing else None,
        "preview": previews.of_video(player) if player else previews.of_contest(contest),
        "image_url": image_url(contest),
        "max_bytes": submitting.max_bytes(contest),
        "max_length": durations.clock(contest.max_seconds) if contest.max_seconds else "",
        "categories": categories,
        "category": category,
        "standing": dates.standing(contest, now),
        "accepts_entries": contest.accepts_entries(now),
        "accepts_votes": contest.accepts_votes(now),
        "shows_counts": contest.shows_counts(now),
        "votes_with": identity.proof(request, voter),
        "page": page,
        "order": order.carried,
        "opened": player,
        "cards": [made[pk] for pk in listed if pk in made],
        "missing": bool(wanted and not player),
        "converting": contest.converting,
    }
    status = 404 if context["missing"] else 200
    response = render(request, "voters/contest.html", context, status=status)
    return visible.keep_private(response) if previewing else response


@require_safe
def rules(request: HttpRequest, url: str) -> HttpResponse:
    """Show a contest's rules, or an earlier version of them for `?version=`."""
    contest, previewing = visible.find(request, url)
    now = accepting.rules_of(contest)
    wanted = request.GET.get("version")
    numbers = _number(wanted or "")
    shown = contest.rules.filter(version__in=numbers).first() if wanted else now
    if shown is None or now is None:
        raise Http404
    context = {
        "contest": contest,
        "rules": shown,
        "current": now,
        "vista": request.GET.get("vista") if previewing else None,
    }
    response = render(request, "voters/rules.html", context)
    return visible.keep_private(response) if previewing else response


@require_safe
def ranking(request: HttpRequest, url: str) -> HttpResponse:
    """Show a contest's videos by score."""
    contest = visible.get_contest(request, url)
    now = timezone.now()
    shows_counts = contest.shows_counts(now)
    ranked = results.ranking(contest) if shows_counts else Entry.objects.none()
    page = _page(request, ranked, RANKS_A_PAGE)
    entries: list[Any] = list(page.object_list)
    # The longest bar is that of the most voted; the bars are drawn on a scale of 100.
    most = max((each.votes_for + each.votes_against for each in entries), default=0) or 1
    rows = [
        (each, round(100 * each.votes_for / most), round(100 * each.votes_against / most))
        for each in entries
    ]
    context = {
        "contest": contest,
        "standing": dates.standing(contest, now),
        "shows_counts": shows_counts,
        "page": page,
        "rows": rows,
    }
    return render(request, "voters/ranking.html", context)


def image_url(contest: Contest) -> str:
    """Return where a contest's image is read from; empty without one."""
    return storage.public_url(contest.image_key) if contest.image_key else ""


def _category(categories: list[Category], wanted: str) -> Category | None:
    """Return the category that was asked for. Raises Http404 when it is none of these."""
    found = next((each for each in categories if str(each.pk) == wanted), None)
    if wanted and not found:
        raise Http404
    return found


def _within(contest: Contest, category: Category | None, ids: list[int]) -> list[int]:
    """Keep the ids of a category's entries, in their order."""
    if category is None:
        return ids
    inside = set(contest.entries.public().filter(category=category).values_list("pk", flat=True))
    return [pk for pk in ids if pk in inside]


def _page(request: HttpRequest, rows: QuerySet | list[int], size: int) -> Page:
    """Return the page that `?page=` asks for; the first when it asks for no page at all."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def _number(wanted: str) -> list[int]:
    """Return the id that was asked for, or nothing when it is none."""
    return [int(wanted)] if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else []
