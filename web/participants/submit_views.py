"""The page on which a video is submitted."""

from datetime import datetime

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from backends import uploads
from contests import accepting, durations, redeeming, submitting
from contests.models import Code, Contest, Entry
from contests.reasons import Refused
from participants import codes, texts
from participants.forms import CodeForm, SubmissionForm

# What the browser can say about a file before it sends anything.
_FILE_REASONS = ("content_mismatch", "empty_file", "file_too_big", "file_type")


@never_cache
# The chosen file, of which the browser reads how long it lasts.
@csp_update({"media-src": ["blob:"]})  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, url: str) -> HttpResponse:
    """Show the form; make an entry of it."""
    contest, now = codes.get_contest(request, url), timezone.now()
    code = _code(request, contest, now)
    if request.method == "POST":
        form = SubmissionForm(contest, request.POST, code=code)
        if entry := form.existing or _make_entry(request, form, now):
            return redirect(entry.manage_url)
    elif not (contest.accepts_entries(now) or accepting.is_grace(contest, now) or code):
        return _closed(request, contest, now)
    elif contest.by_invitation and code is None:
        return redirect("participants:code", contest.url)
    else:
        form = SubmissionForm(contest, code=code)
    context = {
        "contest": contest,
        "form": form,
        "accept": ",".join(f".{extension}" for extension in submitting.EXTENSIONS),
        "max_bytes": submitting.max_bytes(contest),
        "max_length": durations.clock(contest.max_seconds) if contest.max_seconds else "",
        "part_bytes": uploads.PART_BYTES,
        "grace_ends": _grace_ends(contest, now),
        "late": code and code.kind == Code.Kind.LATE,
        "reasons": {each: texts.reason(each) for each in _FILE_REASONS},
    }
    return render(request, "participants/submit.html", context)


def _code(request: HttpRequest, contest: Contest, now: datetime) -> Code | None:
    """Return the code by which this browser may submit now, if it needs one and has one."""
    late = accepting.takes_late(contest, now)
    if late and (code := codes.remembered(request, contest, Code.Kind.LATE, now)):
        return code
    is_open = contest.accepts_entries(now) or accepting.is_grace(contest, now)
    if contest.by_invitation and is_open:
        return codes.remembered(request, contest, Code.Kind.SUBMIT, now)
    return None


def _grace_ends(contest: Contest, now: datetime) -> datetime | None:
    return accepting.grace_ends(contest) if accepting.is_grace(contest, now) else None


def _closed(request: HttpRequest, contest: Contest, now: datetime) -> HttpResponse:
    late = accepting.takes_late(contest, now)
    late = late and redeeming.usable(contest, now).filter(kind=Code.Kind.LATE).exists()
    context = {
        "contest": contest,
        "soon": now < contest.submissions_open,
        "code_form": CodeForm() if late else None,
    }
    return render(request, "participants/closed.html", context)


def _make_entry(request: HttpRequest, form: SubmissionForm, now: datetime) -> Entry | None:
    """Make the entry, or leave in the form why not."""
    contest, refused = form.contest, None
    if not _may_submit(form, now):
        refused = Refused("closed_submissions")
    elif "code" in form.fields and not limits.allow(request, "code"):
        refused = Refused("too_many_requests")
    elif form.is_valid():
        about, upload = form.about(), form.cleaned_data["upload"]
        language = texts.language()
        try:
            if not limits.allow(request, "submit", key=about["email"].lower()):
                raise Refused("too_many_requests")
            return submitting.submit(
                contest, upload, form.given(), language=language, now=now, **about
            )
        except Refused as error:
            refused = error
    if refused:
        form.add_error(None, texts.reason(refused.code))
    return None


def _may_submit(form: SubmissionForm, now: datetime) -> bool:
    if form.sent:
        return accepting.in_time(form.contest, form.sent, now)
    return form.contest.accepts_entries(now)
