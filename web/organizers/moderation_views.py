"""The team looks after a contest's videos: a list with decisions on many, and a page for each."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backends import storage
from contests import moderating, reasons, reporting, screening
from contests.models import Contest, Entry, Moderation, Rendition
from contests.moderating import Done
from contests.reasons import Refused
from organizers import history, rows
from organizers.screening_forms import ScreeningForm
from organizers.views import OrganizerRequest, get_own_contest, owns

VIDEOS_PER_PAGE = 50
_LATEST = 50  # events on a video's page


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def videos(request: OrganizerRequest, url: str) -> HttpResponse:
    """List a contest's videos; on POST decide on those that are ticked."""
    contest = get_own_contest(request.user, url)
    context: dict[str, Any] = {"contest": contest, "ticked": request.POST.getlist("entry")}
    status = 200
    if request.method == "POST":
        if _decide(request, contest, context):
            return redirect(request.get_full_path())
        status = 422
    form = ScreeningForm(contest, request.GET)
    wanted = form.wanted()
    found = screening.find(contest, wanted).values_list("pk", flat=True)
    page = Paginator(found, VIDEOS_PER_PAGE).get_page(request.GET.get("page"))
    counts = screening.counts(contest)
    context |= {
        "owns": owns(request.user, contest),
        "form": form,
        "wanted": wanted,
        "chips": [
            ("", _("All"), counts[""]),
            *((each.value, each.label, counts[each]) for each in Moderation),
        ],
        "reported": counts["reported"],
        "page": page,
        "rows": rows.of(screening.rows(list(page.object_list))),
        "searched": form.is_narrow(),
    }
    return render(request, "organizers/videos.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def video(request: OrganizerRequest, url: str, entry: int) -> HttpResponse:
    """Show all that is known of one video; on POST decide on it."""
    contest = get_own_contest(request.user, url)
    found = get_object_or_404(contest.entries.select_related("upload", "code"), pk=entry)
    context: dict[str, Any] = {"contest": contest}
    status = 200
    if request.method == "POST":
        if _decide(request, contest, context):
            return redirect(request.get_full_path())
        status = 422
    [row] = rows.of(screening.rows([found.pk]))
    files = Rendition.objects.filter(conversion__published_as=found, number=0)
    mp4 = files.filter(kind=Rendition.Kind.MP4).first()
    events = found.events.select_related("user").order_by("-at", "-pk")
    context |= {
        "row": row,
        "entry": row.entry,
        "upload": found.upload,
        "mp4": mp4,
        "mp4_url": storage.public_url(mp4.key) if mp4 else "",
        "answers": found.answers.select_related("question").order_by("question__position", "pk"),
        "acceptances": [_acceptance(each) for each in found.acceptances.select_related("rules")],
        "captions": found.captions.order_by("language"),
        "reports": found.reports.filter(closed_at=None).order_by("-pk"),
        "lines": history.lines(events[:_LATEST]),
        "twins": rows.of(
            screening.rows(list(screening.twins(found).values_list("pk", flat=True)[:20]))
        ),
        "next": screening.next_pending(found),
    }
    return render(request, "organizers/video.html", context, status=status)


def _acceptance(acceptance: Any) -> dict[str, Any]:
    """Which consents were given and which not, in the rules' order."""
    given = set(acceptance.consents)
    consents = [
        (each["text"], place in given) for place, each in enumerate(acceptance.rules.consents)
    ]
    return {"rules": acceptance.rules, "at": acceptance.accepted_at, "consents": consents}


def _decide(request: OrganizerRequest, contest: Contest, context: dict[str, Any]) -> bool:
    """Do what a button says; False: it can't be done, and `context` says why."""
    seen, reason = _seen(request), request.POST.get("reason", "")
    decision, by = request.POST.get("decision", ""), request.user
    try:
        if not seen:
            raise Refused("nothing_ticked")
        match decision:
            case Moderation.APPROVED:
                done = moderating.approve(contest, seen, by)
            case Moderation.CHANGES:
                done = moderating.ask_changes(contest, seen, by, reason)
            case Moderation.REJECTED:
                done = moderating.reject(contest, seen, by, reason)
            case _:
                raise BadRequest("no such decision")
    except Refused as refused:
        context["problem"] = reasons.text(refused.code, get_language() or "")
        context["reason"] = reason
        return False
    _tell(request, _DECIDED[decision], done)
    return True


def _seen(request: HttpRequest) -> dict[int, str]:
    """Read the ticked entries with the versions that were shown, such as `7:pending.0`."""
    seen = {}
    for each in request.POST.getlist("entry")[:VIDEOS_PER_PAGE]:
        pk, _colon, version = each.partition(":")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            raise BadRequest("no such entry")
        seen[int(pk)] = version
    return seen


def _approved(count: int) -> str:
    return ngettext("Approved: %(n)s video.", "Approved: %(n)s videos.", count) % {"n": count}


def _asked(count: int) -> str:
    text = ngettext("Changes asked for: %(n)s video.", "Changes asked for: %(n)s videos.", count)
    return text % {"n": count}


def _rejected(count: int) -> str:
    return ngettext("Rejected: %(n)s video.", "Rejected: %(n)s videos.", count) % {"n": count}


_DECIDED = {
    Moderation.APPROVED.value: _approved,
    Moderation.CHANGES.value: _asked,
    Moderation.REJECTED.value: _rejected,
}


def _tell(request: HttpRequest, words: Any, done: Done) -> None:
    """Say what was done, with the button that undoes it; and what was not."""
    if done.changed:
        messages.success(request, words(done.changed), extra_tags=done.batch)
    if done.left:
        text = ngettext(
            "%(n)s video stays as it is: it changed after you saw it, or stood like that already.",
            "%(n)s videos stay as they are: they changed after you saw them, or stood like that "
            "already.",
            done.left,
        )
        messages.warning(request, text % {"n": done.left})


@login_required
@require_POST
def undo(request: OrganizerRequest, url: str) -> HttpResponse:
    """Take back what a button did to one or many videos."""
    contest = get_own_contest(request.user, url)
    done = moderating.undo(contest, request.POST.get("batch", "")[:32], request.user)
    if done.changed:
        text = ngettext("Taken back: %(n)s video.", "Taken back: %(n)s videos.", done.changed)
        messages.success(request, text % {"n": done.changed})
    if done.left or not done.changed:
        messages.warning(request, _("What has changed since can't be taken back any more."))
    return redirect(_back(request, url))


@login_required
@require_POST
def dismiss(request: OrganizerRequest, url: str, entry: int) -> HttpResponse:
    """Close a video's reports: nothing is wrong with it."""
    found: Entry = get_object_or_404(get_own_contest(request.user, url).entries, pk=entry)
    latest = request.POST.get("latest", "")
    if not (latest.isascii() and latest.isdigit() and len(latest) < 19):
        raise BadRequest("no such report")
    if reporting.dismiss(found, request.user, int(latest)):
        messages.success(request, _("The reports are closed."))
    return redirect("organizers:video", url, entry)


def _back(request: HttpRequest, url: str) -> str:
    """Where the button was pressed; anywhere else only the list."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if safe and back.startswith("/organizador/") else f"/organizador/{url}/videos/"
