"""The organizers' pages that make a contest."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contests import duplicating, editing
from contests.models import Role
from organizers.dates_forms import DATES, NewContestForm
from organizers.views import OrganizerRequest, get_own_contest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: OrganizerRequest) -> HttpResponse:
    """Make a contest: a draft, all of whose other settings follow on pages of their own."""
    form = NewContestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            editing.create_contest(form.instance, request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your contest is there, as a draft only your team sees."))
            return redirect("organizers:contest", form.instance.url)
    context = {"form": form, "dates": [form[name] for name in DATES]}
    return render(request, "organizers/create.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: OrganizerRequest, url: str) -> HttpResponse:
    """Say what is copied, and make a draft with the settings of another contest."""
    contest = get_own_contest(request.user, url, Role.OWNER)
    if request.method != "POST":
        return render(request, "organizers/duplicate.html", {"contest": contest})
    made = duplicating.duplicate(contest, request.user, timezone.now())
    messages.success(request, _("The copy is there, as a draft. Look at its name and its dates."))
    return redirect("organizers:basics", made.url)
