"""The audit trail of a contest, for its team."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from contests.models import Contest
from organizers import history
from organizers.views import OrganizerRequest, get_own_contest, owns

_LINES_PER_PAGE = 50


class _Filter(forms.Form):
    """Whose deeds to show, and done to which video."""

    who = forms.ChoiceField(label=_("Who"), required=False)
    entry = forms.IntegerField(
        label=_("Number of the video"), required=False, min_value=1, max_value=2**62
    )

    def __init__(self, contest: Contest, data: Any) -> None:
        super().__init__(data, auto_id="find-%s")
        known = User.objects.filter(memberships__contest=contest).order_by("email")
        people = [(str(pk), email) for pk, email in known.values_list("pk", "email")]
        actors = [(name, label) for name, label in history.ACTORS.items() if name != "team"]
        who: Any = self.fields["who"]
        who.choices = [("", _("Everybody")), *people, *actors]


@login_required
@require_safe
def trail(request: OrganizerRequest, url: str) -> HttpResponse:
    """List who did what in a contest, newest first."""
    contest = get_own_contest(request.user, url)
    form = _Filter(contest, request.GET)
    form.is_valid()
    who, entry = form.cleaned_data.get("who"), form.cleaned_data.get("entry")
    events = contest.events.select_related("user", "entry").order_by("-at", "-pk")
    if who:
        events = events.filter(user=int(who)) if who.isdigit() else events.filter(actor=who)
    if entry:
        events = events.filter(entry=entry)
    page = Paginator(events, _LINES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "contest": contest,
        "owns": owns(request.user, contest),
        "form": form,
        "page": page,
        "lines": history.lines(page.object_list),
        "searched": bool(who or entry),
    }
    return render(request, "organizers/history.html", context)
