"""A contest's codes: made, listed, printed, revoked. Owners only: who sees a code can use it."""

import csv
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contests import issuing, reasons, redeeming
from contests.issuing import Standing
from contests.models import Code, Contest, Role
from contests.reasons import Refused
from organizers.code_forms import FilterForm, MakeForm
from organizers.export_views import harmless
from organizers.views import OrganizerRequest, get_own_contest

_CODES_A_PAGE = 50
_SHEETS = 10  # of 21 codes, in one go: each square takes some 10 ms
_CODES_A_SHEET = 21
# Where each kind of code is typed.
_PAGES = {
    Code.Kind.ENTER: "voters:enter",
    Code.Kind.VOTE: "voters:code",
    Code.Kind.SUBMIT: "participants:code",
    Code.Kind.LATE: "participants:code",
}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def codes(request: OrganizerRequest, url: str) -> HttpResponse:
    """List the codes that are looked for; make some."""
    contest, now = get_own_contest(request.user, url, Role.OWNER), timezone.now()
    form = MakeForm(contest, request.POST or None, initial={"kind": Code.Kind.VOTE})
    if form.is_valid() and _make(request, contest, form):
        return redirect("organizers:codes", url)
    search = FilterForm(request.GET)
    page = Paginator(_found(contest, search), _CODES_A_PAGE).get_page(request.GET.get("page"))
    rows = [(code, issuing.shown(code.code), issuing.standing(code, now)) for code in page]
    context = {
        "contest": contest,
        "owns": True,
        "form": form,
        "search": search,
        "page": page,
        "rows": rows,
        "any": contest.codes.exists(),
        "votes": redeeming.alive(contest, now).filter(kind=Code.Kind.VOTE).exists(),
    }
    return render(request, "organizers/codes.html", context, status=422 if form.errors else 200)


def _make(request: OrganizerRequest, contest: Contest, form: MakeForm) -> bool:
    """Make what the form says, or leave in it why not."""
    number, kind = form.cleaned_data["number"], Code.Kind(form.cleaned_data["kind"])
    try:
        issuing.make(contest, kind, number, request.user, **form.about())
    except Refused as refused:
        form.add_error("number", reasons.text(refused.code, get_language() or ""))
        return False
    said = ngettext("%(n)s code is made.", "%(n)s codes are made.", number) % {"n": number}
    messages.success(request, said)
    return True


def _found(contest: Contest, search: FilterForm) -> QuerySet[Code]:
    """Return the codes that a filter leaves, newest first."""
    search.is_valid()
    wanted, now = search.cleaned_data, timezone.now()
    found = contest.codes.all()
    if wanted.get("state"):
        found = issuing.standing_so(contest, Standing(wanted["state"]), now)
    if wanted.get("kind"):
        found = found.filter(kind=wanted["kind"])
    if words := wanted.get("q"):
        found = found.filter(Q(code=redeeming.plain(words)) | Q(label__icontains=words))
    return found.order_by("-pk")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: OrganizerRequest, url: str) -> HttpResponse:
    """Ask, saying what goes with them, and revoke the chosen codes (`code=`, many)."""
    contest, now = get_own_contest(request.user, url, Role.OWNER), timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    ids = [each for each in given.getlist("code") if re.fullmatch("[0-9]{1,18}", each)]
    chosen = contest.codes.filter(pk__in=ids, revoked_at=None)
    if not chosen.exists():
        messages.info(request, _("Choose the codes first."))
        return redirect("organizers:codes", url)
    if request.method == "POST":
        number = issuing.revoke(contest, [each.pk for each in chosen], request.user, now)
        said = ngettext("%(n)s code is revoked.", "%(n)s codes are revoked.", number)
        messages.success(request, said % {"n": number})
        return redirect("organizers:codes", url)
    context = {
        "contest": contest,
        "codes": [(code, issuing.shown(code.code)) for code in chosen],
        "votes": issuing.votes_of(chosen),
        "votes_stay": now >= contest.voting_close,
    }
    return render(request, "organizers/revoke_codes.html", context)


@login_required
@never_cache
@require_safe
def table(request: OrganizerRequest, url: str) -> HttpResponse:
    """Answer the codes that are looked for as a table for spreadsheets."""
    contest, now = get_own_contest(request.user, url, Role.OWNER), timezone.now()
    file = HttpResponse(content_type="text/csv; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{contest.url}-codes.csv"'
    file.write("\ufeff")  # by which Excel knows UTF-8
    names = (_("Code"), _("What for"), _("Name of the group"), _("State"), _("Uses"), _("Address"))
    writer = csv.writer(file)
    writer.writerow(names)
    for code in _found(contest, FilterForm(request.GET)):
        writer.writerow(
            [
                issuing.shown(code.code),
                code.get_kind_display(),
                harmless(code.label),
                issuing.standing(code, now).label,
                f"{code.uses}" + (f"/{code.max_uses}" if code.max_uses else ""),
                _address(code),
            ]
        )
    return file


def _page_of(code: Code) -> str:
    return settings.WEB_URL + reverse(_PAGES[Code.Kind(code.kind)], args=[code.contest.url])


def _address(code: Code) -> str:
    """Where a square leads: the code stands behind the #, which browsers tell no server."""
    return f"{_page_of(code)}#codigo={issuing.shown(code.code)}"


@login_required
@never_cache
@require_safe
def sheets(request: OrganizerRequest, url: str) -> HttpResponse:
    """Show codes as slips of paper to cut out: 21 on each sheet, with a square for telephones."""
    contest, now = get_own_contest(request.user, url, Role.OWNER), timezone.now()
    search = FilterForm(request.GET)
    good = redeeming.usable(contest, now).values("pk")
    found = _found(contest, search).filter(pk__in=good).select_related("contest")
    page = Paginator(found, _SHEETS * _CODES_A_SHEET).get_page(request.GET.get("page"))
    slips = [_slip(code) for code in page]
    context = {
        "contest": contest,
        "page": page,
        "slips": slips,
        "sheets": list(_in_groups(slips, _CODES_A_SHEET)),
    }
    return render(request, "organizers/sheets.html", context)


def _slip(code: Code) -> dict[str, Any]:
    where = urlsplit(_page_of(code))
    square = segno.make(_address(code), error="m", micro=False)
    return {
        "code": issuing.shown(code.code),
        "label": code.label,
        "kind": code.kind,
        "address": where.netloc + where.path,
        # Made of our own address and code, by a library that escapes: nobody's words.
        "square": mark_safe(square.svg_inline(omitsize=True, border=2, svgclass=None)),  # noqa: S308
    }


def _in_groups(rows: list[Any], size: int) -> Iterable[list[Any]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
