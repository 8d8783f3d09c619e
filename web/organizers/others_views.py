"""The team submits videos for others: many at once, with a list of what they are.

The files travel by the same calls as participants' do (participants/uploading.py); the page then
sends each video's form by itself, so that one that is refused holds up no other.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from backends import uploads
from contests import reasons, submitting
from contests.models import Contest
from contests.reasons import Refused
from organizers import others_list
from organizers.others_forms import OtherForm, categories_of
from organizers.views import OrganizerRequest, get_own_contest, owns

# What the browser can say about a file before it sends anything.
_FILE_REASONS = ("content_mismatch", "empty_file", "file_too_big", "file_type")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: OrganizerRequest, url: str) -> HttpResponse:
    """Show the page; on POST make an entry of one file, and say in JSON what is wrong, or where."""
    contest = get_own_contest(request.user, url)
    if request.method == "POST":
        try:
            return _submit(request, contest)
        except Refused as refused:
            text = reasons.text(refused.code, get_language() or "")
            return JsonResponse({"code": refused.code, "message": text}, status=409)
    categories = categories_of(contest)
    context = {
        "contest": contest,
        "owns": owns(request.user, contest),
        "form": OtherForm(categories, auto_id=False),
        "has_categories": bool(categories),
        "accept": ",".join(f".{extension}" for extension in submitting.EXTENSIONS),
        "max_bytes": submitting.max_bytes(contest),
        "part_bytes": uploads.PART_BYTES,
        "reasons": {each: reasons.text(each, get_language() or "") for each in _FILE_REASONS},
    }
    return render(request, "organizers/others.html", context)


def _submit(request: OrganizerRequest, contest: Contest) -> JsonResponse:
    """Make the entry. Out: `{"url"}` of its page, or `{"errors"}` by field. Raises Refused."""
    form = OtherForm(categories_of(contest), request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.told()}, status=422)
    upload = contest.uploads.filter(token=request.POST.get("upload", "")).first()
    if upload is None:
        raise Refused("upload_unknown")
    about: dict[str, Any] = form.cleaned_data
    email = about["email"].lower()
    if email and not (
        limits.allow(request, "submit", key=email) and limits.allow(request, "mail_for_others")
    ):
        raise Refused("too_many_requests")
    language = get_language() or "es"
    entry = submitting.submit_for_other(contest, upload, request.user, language=language, **about)
    return JsonResponse({"url": reverse("organizers:video", args=[contest.url, entry.pk])})


@never_cache
@login_required
@require_POST
def read_list(request: OrganizerRequest, url: str) -> JsonResponse:
    """Read a CSV file. Out: `{"rows", "problems", "unused"}`, or `{"message"}` why it can't be.

    A row is `{"line", "file", "values", "errors"}`, the last two by field.
    """
    contest = get_own_contest(request.user, url)
    file = request.FILES.get("list")
    try:
        found = others_list.read(file.read(others_list.MAX_BYTES + 1) if file else b"")
    except ValidationError as error:
        return JsonResponse({"message": error.messages[0]}, status=422)
    categories = categories_of(contest)
    names = {name.casefold(): name for name in categories}
    rows = []
    for line in found.lines:
        category = line.values.get("category", "")
        line.values["category"] = names.get(category.casefold(), category)
        errors = OtherForm(categories, line.values).told(all_typed=False)
        each = {"line": line.number, "file": line.file, "values": line.values, "errors": errors}
        rows.append(each)
    return JsonResponse({"rows": rows, "problems": found.problems, "unused": found.unused})
