"""Casting a vote, with and without JavaScript, and the mailed link that proves an address."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from contests import confirming, entrance, reasons, voting
from contests.models import Code, Contest, Entry
from contests.reasons import Refused
from videoshare.csrf import origin_is_enough
from voters import cards, identity, shuffling, visible
from voters.forms import EmailForm

_VALUES = {"1": 1, "-1": -1, "0": 0}


@origin_is_enough
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, url: str, entry_id: int) -> HttpResponse:
    """Cast, change or take back a vote; ask who has not proved an address for their e-mail."""
    contest = visible.get_contest(request, url)
    entry = get_object_or_404(contest.entries.public(), pk=entry_id)
    if request.method == "GET":  # somebody reloads the page that asked for the e-mail
        return redirect(entry)
    shuffling.remember(request, contest)
    value = _VALUES.get(request.POST.get("value", ""))
    if value is None:
        raise BadRequest("no such vote")
    try:
        voter = identity.voter(request, contest)
        if voter is None:
            return _ask(request, contest, entry, value)
        voting.confirm(voter)
        voting.vote(voter, entry, value, timezone.now())
    except Refused as refused:
        text = reasons.text(refused.code, get_language() or "")
        return _told(request, contest, entry, text, status=409)
    return _told(request, contest, entry, _saved(value))


def _ask(request: HttpRequest, contest: Contest, entry: Entry, value: int) -> HttpResponse:
    """Ask for an e-mail, or send the link to the one given. Raises Refused outside voting."""
    now = timezone.now()
    if not contest.accepts_votes(now):
        raise Refused("closed_voting")
    given = request.POST if "email" in request.POST else None
    form = EmailForm(given, auto_id=f"vote-{entry.pk}-%s")
    status = 200
    if form.is_valid():
        email = form.cleaned_data["email"]
        if limits.allow(request, "confirm_vote", key=email.lower()):
            voting.ask_to_confirm(contest, email, get_language() or "es", now, entry, value)
            text = _("Look in your mail: your vote counts once you follow the link we sent you.")
            return _told(request, contest, entry, text)
        form.add_error(None, reasons.text("too_many_requests", get_language() or ""))
        status = 429
    elif given:
        status = 422
    context = {"contest": contest, "entry": entry, "value": value, "form": form}
    context["has_codes"] = contest.codes.filter(kind=Code.Kind.VOTE, revoked_at=None).exists()
    template = "voters/_ask.html" if request.headers.get("HX-Request") else "voters/ask.html"
    return render(request, template, context, status=status)


def _told(
    request: HttpRequest, contest: Contest, entry: Entry, text: str, status: int = 200
) -> HttpResponse:
    """Say what happened: to htmx in a fresh vote box, to all others on the video's page."""
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.SUCCESS if status == 200 else messages.ERROR, text)
        return redirect(entry)
    now = timezone.now()
    made = cards.make(contest, [entry.pk], identity.voter(request, contest))
    if entry.pk not in made:  # the team has hidden it just now
        raise Http404
    context = {
        "contest": contest,
        "card": made[entry.pk],
        "accepts_votes": contest.accepts_votes(now),
        "shows_counts": contest.shows_counts(now),
        "told": text,
        "form_is_gone": "email" in request.POST,  # and with it what had the focus
    }
    return render(request, "voters/_box.html", context, status=status)


def _saved(value: int) -> str:
    return _("Vote saved") if value else _("Vote taken back")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Say which vote a mailed link casts; cast it on POST, since mail scanners follow links."""
    try:
        asked = confirming.read(token)
    except confirming.LinkExpired:
        text = _("Links are good for three days. Vote again and we send you a new one.")
        return _no_link(request, 410, _("This link is too old"), text)
    if asked is None or asked.choice is None or not asked.entry:
        text = _("It may have lost its end on the way, or the video is no longer in the contest.")
        return _no_link(request, 404, _("This link does not work"), text)
    contest = asked.voter.contest
    entrance.check(contest, request.user, request.session)
    now = timezone.now()
    if not contest.accepts_votes(now):
        text = reasons.text("closed_voting", get_language() or "")
        return _no_link(request, 410, _("Your vote was not cast"), text)
    if request.method != "POST":
        context = {"contest": contest, "entry": asked.entry, "value": asked.choice}
        return render(request, "voters/confirm.html", context)
    try:
        voting.confirm(asked.voter)
        voting.vote(asked.voter, asked.entry, asked.choice, now)
    except Refused as refused:  # meanwhile, or of an address that was erased
        text = reasons.text(refused.code, get_language() or "")
        return _no_link(request, 409, _("Your vote was not cast"), text)
    identity.remember(request, asked.voter)
    messages.success(request, _saved(asked.choice))
    return redirect(asked.entry)


def _no_link(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"title": title, "text": text}, status=status)


@require_POST
def forget(request: HttpRequest, url: str) -> HttpResponse:
    """Let somebody else vote at this browser."""
    contest = visible.get_contest(request, url)
    by_code = identity.proof(request, identity.known_voter(request, contest)) == "code"
    identity.forget(request, contest)
    shuffling.forget(request, contest)
    return redirect("voters:code", contest.url) if by_code else redirect(contest)
