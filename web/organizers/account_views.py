"""The data of a person's own account: taking them away, and deleting the account."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contests import erasing
from contests import own_data as held
from organizers.views import OrganizerRequest


@never_cache
@login_required
@require_safe
def own_data(request: OrganizerRequest) -> HttpResponse:
    """Say what an account holds, and lead to the file and to deleting it."""
    data = held.of_account(request.user)
    return render(request, "organizers/own_data.html", {"data": data})


@never_cache
@login_required
@require_safe
def download(request: OrganizerRequest) -> HttpResponse:
    """Answer all that we hold about an account, as a file."""
    text = held.as_json(held.of_account(request.user))
    headers = {"Content-Disposition": 'attachment; filename="videoshare.json"'}
    return HttpResponse(text, content_type="application/json", headers=headers)


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: OrganizerRequest) -> HttpResponse:
    """Ask, saying what goes and what stays, and delete an account."""
    alone = list(erasing.owned_alone(request.user))
    if request.method == "POST":
        try:
            erasing.erase_account(request.user, timezone.now())
        except erasing.MustStay:
            alone = list(erasing.owned_alone(request.user))
        else:
            logout(request)
            messages.success(request, _("Your account is deleted."))
            return redirect("voters:home")
    status = 409 if request.method == "POST" else 200
    return render(request, "organizers/erase_account.html", {"alone": alone}, status=status)
