"""The settings of a contest, a page for each kind. Only owners get here."""

from collections.abc import Collection
from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from contests import editing, images
from contests.models import Contest, Role
from organizers.dates_forms import DatesForm
from organizers.forms import BasicsForm, DataForm, TakingPartForm
from organizers.views import OrganizerRequest, get_own_contest, picture_url

# The pages, by the names of their addresses.
SECTIONS = (
    ("basics", gettext_lazy("Basics")),
    ("dates", gettext_lazy("Dates")),
    ("taking_part", gettext_lazy("Who takes part")),
    ("rules", gettext_lazy("Rules")),
    ("categories", gettext_lazy("Categories")),
    ("questions", gettext_lazy("Questions")),
    ("data", gettext_lazy("Personal data")),
)


def render_section(
    request: HttpRequest,
    contest: Contest,
    section: str,
    context: dict[str, Any],
    template: str = "",
) -> HttpResponse:
    """Render a page of a section inside the settings' frame; its template has the same name."""
    now = timezone.now()
    frame = {
        "contest": contest,
        "phase": contest.phase(now),
        "phase_text": contest.phase_text(now),
        "section": section,
        "sections": SECTIONS,
    }
    name = f"organizers/settings/{template or section}.html"
    return render(request, name, frame | context)


# Pages with one form: the form, and what is saved beside its fields.
_FORMS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "basics": (BasicsForm, ()),
    "dates": (DatesForm, ()),
    "taking_part": (TakingPartForm, ("password",)),
    "data": (DataForm, ()),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: OrganizerRequest, url: str, section: str) -> HttpResponse:
    """Change one kind of a contest's settings."""
    found = get_own_contest(request.user, url, Role.OWNER)
    # The form writes what was typed into its contest, valid or not; the page shows the other.
    edited = copy(found)
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    make_form, more = _FORMS[section]
    form = make_form(*given, instance=edited)
    if form.is_valid() and _save(form, request.user, (*make_form.Meta.fields, *more)):
        messages.success(request, _("The settings are saved."))
        return redirect(f"organizers:{section}", edited.url)
    context = {
        "form": form,
        "over": timezone.now() >= found.voting_close,
        "erased_on": found.erasure_due,
        "image_url": picture_url(found.image_key),
        "logo_url": picture_url(found.logo_key),
    }
    return render_section(request, found, section, context)


def _save(form: Any, by: User, fields: Collection[str]) -> bool:
    """Save, or leave in the form why not."""
    pictures = form.pictures() if isinstance(form, BasicsForm) else None
    try:
        editing.save_contest(form.instance, by, fields, pictures)
    except images.BadImage as error:
        field = str(error).removesuffix("_key")
        text = _("We can't read this as a picture. Choose a JPEG, PNG or WebP file of normal size.")
        form.add_error(field, text)
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
