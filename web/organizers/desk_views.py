"""A contest's desk: what is happening, what needs the team, and whether anything is stuck."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backends import storage
from contests import activity, forecasting, needs, overview
from contests.models import Contest, Phase
from contests.needs import Need, Wanting
from organizers import charts
from organizers.views import OrganizerRequest, get_own_contest, owns


@login_required
@require_safe
def desk(request: OrganizerRequest, url: str) -> HttpResponse:
    """Show all at a glance, with charts; its upper part asks for itself anew, see `state`."""
    contest = get_own_contest(request.user, url)
    now = timezone.now()
    context = _state(request, contest, now) | {
        "public_url": request.build_absolute_uri(contest.get_absolute_url()),
        "charts": [
            (_("Videos over time"), charts.columns(activity.entries(contest, now))),
            (_("Votes over time"), charts.columns(activity.votes(contest, now))),
        ],
    }
    return render(request, "organizers/desk.html", context)


@login_required
@never_cache
@require_safe
def state(request: OrganizerRequest, url: str) -> HttpResponse:
    """Answer the part of the desk that changes."""
    contest = get_own_contest(request.user, url)
    return render(request, "organizers/_desk.html", _state(request, contest, timezone.now()))


def _state(request: OrganizerRequest, contest: Contest, now: datetime) -> dict[str, Any]:
    seen = overview.of([contest])[contest.pk]
    stuck, retriable = overview.count_stuck(overview.stuck().filter(entry__contest=contest))
    mine = owns(request.user, contest)
    return {
        "contest": contest,
        "owns": mine,
        "phase": contest.phase(now),
        "phase_text": contest.phase_text(now),
        "next_date": _next_date(contest, now),
        "overview": seen,
        "bar": charts.bar(seen),
        "uploads": needs.uploads_under_way(contest, now),
        "needs": [_said(contest, each, mine) for each in needs.of(contest, now)],
        "stuck": stuck,
        "retriable": retriable,
        "forecast": forecasting.sentence(contest, now),
        "little_room": storage.little_room(),
    }


def _next_date(contest: Contest, now: datetime) -> tuple[str, datetime] | None:
    """What comes next, in words, and when; None once all is over."""
    dates = (
        (contest.submissions_open, _("Submissions open")),
        (contest.submissions_close, _("Submissions close")),
        (contest.voting_open, _("Voting opens")),
        (contest.voting_close, _("Voting closes")),
        (contest.results_at or now - timedelta(days=1), _("The result is published")),
    )
    ahead = [each for each in dates if each[0] > now]
    if not ahead or contest.phase(now) == Phase.DRAFT:
        return None
    date, label = min(ahead)
    return label, date


def _said(contest: Contest, wanting: Wanting, mine: bool) -> dict[str, str]:
    """A need as a sentence, with what to press; settings are for owners only."""
    sentence, button, page, query = _words(wanting)
    reachable = mine or page == "videos"
    address = reverse(f"organizers:{page}", args=[contest.url]) + query
    return {"text": sentence, "button": button if reachable else "", "url": address}


def _words(wanting: Wanting) -> tuple[str, str, str, str]:
    count = {"count": wanting.count}
    match wanting.need:
        case Need.REPORTED:
            text = ngettext(
                "Visitors reported %(count)s video.",
                "Visitors reported %(count)s videos.",
                wanting.count,
            )
            return text % count, _("Look at it"), "videos", "?only=reported"
        case Need.PENDING:
            text = ngettext(
                "%(count)s video waits for you to look at it.",
                "%(count)s videos wait for you to look at them.",
                wanting.count,
            )
            return text % count, _("Moderate"), "videos", "?moderation=pending"
        case Need.NO_RESULT:
            text = _("Voting is over. Publish the result, or say when it will be.")
            return text, _("Publish the result"), "dates", ""
        case Need.NO_WAY_IN:
            text = _("Nobody can get in: there is no password, and no code that opens the contest.")
            return text, _("Set a password"), "taking_part", ""
        case Need.NO_INVITATION:
            text = _("Nobody can take part: there is no invitation code that can still be used.")
            return text, _("Make codes"), "codes", ""
        case Need.NO_RULES:
            text = _("There are no rules yet that participants accept.")
            return text, _("Write the rules"), "rules", ""
