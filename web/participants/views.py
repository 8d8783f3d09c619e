"""A participant's private page: what has become of a video, withdrawing it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HTMX_STOP_POLLING

from backends import storage
from contests import durations, progress, receipts, revising, withdrawing
from contests.models import Conversion, Entry, Moderation, Rendition, State
from participants import texts
from participants.owned import find, tracks


@never_cache
@require_safe
def entry(request: HttpRequest, token: str) -> HttpResponse:
    """Show a participant's private page: where the video stands."""
    found = find(token)
    if found.is_erased:
        context = {"entry": found, "contest": found.contest}
        response = render(request, "participants/erased.html", context)
    else:
        response = render(request, "participants/entry.html", _state_of(found))
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def entry_status(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the part of the private page that changes; the page asks every two seconds."""
    context = _state_of(find(token))
    # Said aloud by screen readers only when it is news, not at every answer.
    context["news"] = request.GET.get("seen") != context["seen"]
    context["receipt_is_news"] = bool(context["receipt"]) and not request.GET.get("receipt")
    status = HTMX_STOP_POLLING if context["final"] else 200
    return render(request, "participants/_state.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, saying what goes, and withdraw a video; when it is too late say so."""
    entry, now = find(token), timezone.now()
    if entry.withdrawn_at:
        return redirect(entry.manage_url)
    allowed = entry.contest.accepts_withdrawals(now)
    if request.method == "POST" and allowed:
        withdrawing.withdraw(entry, now)
        return redirect(entry.manage_url)
    context = {
        "entry": entry,
        "contest": entry.contest,
        "allowed": allowed,
        "too_late": texts.reason("closed_withdrawal"),
        "may_submit": entry.contest.accepts_entries(now),
    }
    status = 200 if allowed else 409
    response = render(request, "participants/withdraw.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _state_of(entry: Entry) -> dict[str, Any]:
    conversion = Conversion.of(entry)
    now = timezone.now()
    standing = progress.of(conversion, now)
    mp4 = conversion.renditions.filter(kind=Rendition.Kind.MP4).first()
    posters = conversion.renditions.filter(kind=Rendition.Kind.POSTER)
    poster = posters.filter(number=entry.poster).first() or posters.filter(number=0).first()
    return {
        "entry": entry,
        "contest": entry.contest,
        "progress": standing,
        "headline": _headline(standing),
        "seen": f"{standing.state}-{standing.position or ''}",
        "wait": None if standing.eta is None else durations.in_words(standing.eta),
        "final": standing.state not in {State.QUEUED, State.RUNNING},
        "reason": texts.reason(conversion.reason) if conversion.reason else "",
        "may_submit": entry.contest.accepts_entries(now),
        "may_withdraw": not entry.withdrawn_at and entry.contest.accepts_withdrawals(now),
        "erased_on": None if entry.erased_at else entry.contest.erasure_due,
        "may_revise": revising.may_revise(entry, now),
        "is_public": bool(entry.published) and entry.moderation == Moderation.APPROVED,
        "tracks": tracks(entry),
        "answers": entry.answers.select_related("question").order_by("question__position"),
        "receipt": receipts.of(entry),
        "mp4": mp4,
        "mp4_url": storage.public_url(mp4.key) if mp4 else "",
        "poster_url": storage.public_url(poster.key) if poster else "",
    }


def _headline(standing: progress.Progress) -> str:
    match standing.state:
        case State.QUEUED:
            return _("Your video is in the queue, at place %(place)s.") % {
                "place": standing.position
            }
        case State.RUNNING:
            return _("Your video is being converted.")
        case State.SUCCEEDED:
            return _("Your video is ready.")
        case State.FAILED:
            return _("We could not convert your video.")
        case State.DEAD:
            return _("Your video is stuck, and the fault is ours.")
        case State.CANCELLED:
            return _("You have withdrawn your video.")
