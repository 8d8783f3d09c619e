"""The settings of what a contest asks: rules with consents, categories, questions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from contests import accepting, asking, ruling
from contests.models import Category, Contest, Question, Role
from organizers.asking_forms import (
    CategoryForm,
    ConsentFormSet,
    QuestionForm,
    RulesForm,
    consents_of,
)
from organizers.settings_views import render_section
from organizers.views import OrganizerRequest, get_own_contest

_OLDER = 50  # versions listed


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: OrganizerRequest, url: str) -> HttpResponse:
    """Change the rules and what people agree to; list the versions."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    now = accepting.rules_of(contest)
    start = {"text": now.text if now else "", "seen": now.version if now else 0}
    given = request.POST.copy() if request.method == "POST" else None
    form = RulesForm(given, initial=start)
    consents = ConsentFormSet(given, initial=now.consents if now else [], prefix="consents")
    if given is not None and form.is_valid() and consents.is_valid():
        try:
            text, seen = form.cleaned_data["text"].replace("\r\n", "\n"), form.cleaned_data["seen"]
            made = ruling.write(contest, request.user, text, consents_of(consents), seen)
        except ruling.Outdated as error:
            given["seen"] = str(error)  # whoever sends it again has read this
            said = _("Somebody has saved version %s in the meantime. Yours is still below.")
            form.add_error(None, said % error)
        else:
            said = _("Version %s of the rules is saved.") % made.version if made else ""
            messages.success(request, said or _("Nothing was different."))
            return redirect("organizers:rules", contest.url)
    older = contest.rules.select_related("created_by").order_by("-version")
    versions = older.annotate(accepted=Count("acceptances"))[:_OLDER]
    context = {"form": form, "consents": consents, "versions": versions}
    return render_section(request, contest, "rules", context)


@dataclass(frozen=True)
class Kind:
    """What stands in a list that organizers keep in order; `used` counts what a removal touches."""

    model: Any
    form: Any
    used: Count


# By the contest's own name for the list.
_KINDS = {
    "categories": Kind(
        Category, CategoryForm, Count("entries", filter=Q(entries__withdrawn_at=None))
    ),
    "questions": Kind(Question, QuestionForm, Count("answers")),
}


def _part(request: OrganizerRequest, url: str, section: str, pk: int) -> tuple[Contest, Any]:
    contest = get_own_contest(request.user, url, Role.OWNER)
    rows = getattr(contest, section).annotate(used=_KINDS[section].used)
    return contest, get_object_or_404(rows, pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def parts(request: OrganizerRequest, url: str, section: str) -> HttpResponse:
    """List a contest's categories or questions; add one."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    kind = _KINDS[section]
    made = kind.model(contest=contest)
    form = kind.form(request.POST if request.method == "POST" else None, instance=made)
    if form.is_valid() and _done(form, lambda: asking.add(made, request.user)):
        messages.success(request, _("“%s” is added.") % made)
        return redirect(f"organizers:{section}", contest.url)
    rows = getattr(contest, section).annotate(used=kind.used)
    return render_section(request, contest, section, {"form": form, "rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_part(request: OrganizerRequest, url: str, section: str, pk: int) -> HttpResponse:
    """Change one category or question."""
    contest, part = _part(request, url, section, pk)
    name = str(part)
    form = _KINDS[section].form(request.POST if request.method == "POST" else None, instance=part)
    fields = form.Meta.fields
    if form.is_valid() and _done(form, lambda: asking.change(part, request.user, fields)):
        messages.success(request, _("The change is saved."))
        return redirect(f"organizers:{section}", contest.url)
    context = {"form": form, "part": part, "name": name}
    return render_section(request, contest, section, context, template="change_part")


@login_required
@require_POST
def move_part(request: OrganizerRequest, url: str, section: str, pk: int) -> HttpResponse:
    """Move one category or question by a place: up, or down."""
    contest, part = _part(request, url, section, pk)
    asking.move(part, request.user, up=request.POST.get("to") == "up")
    return redirect(f"organizers:{section}", contest.url)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_part(request: OrganizerRequest, url: str, section: str, pk: int) -> HttpResponse:
    """Ask, saying what goes with it, and remove one category or question."""
    contest, part = _part(request, url, section, pk)
    if request.method != "POST":
        context = {"part": part}
        return render_section(request, contest, section, context, template="remove_part")
    asking.remove(part, request.user)
    messages.success(request, _("“%s” is removed.") % part)
    return redirect(f"organizers:{section}", contest.url)


def _done(form: Any, verb: Callable[[], None]) -> bool:
    """Run a verb, or leave in the form why not."""
    try:
        verb()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
