"""Finding one's videos again: all those of an e-mail address, by a mailed link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from contests import mailing_mine, mine
from participants import texts
from participants.forms import MineForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the address and mail it the link; the answer is the same for any address."""
    form, sent, status = MineForm(request.POST or None), False, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            email = form.cleaned_data["email"]
            if sent := limits.allow(request, "my_entries", key=email.lower()):
                mailing_mine.send_link(email, texts.language())
                status = 200
            else:
                form.add_error(None, texts.reason("too_many_requests"))
                status = 429
    return render(request, "participants/mine.html", {"form": form, "sent": sent}, status=status)


@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """List the videos a mailed link stands for."""
    try:
        entries = mine.read(token)
    except mine.LinkExpired:
        text = _("Links are good for a day. Ask for a new one and we send it to you.")
        return _no_link(request, 410, _("This link is too old"), text)
    if entries is None:
        text = _("It may have lost its end on the way. Ask for a new one and we send it to you.")
        return _no_link(request, 404, _("This link does not work"), text)
    response = render(request, "participants/mine_list.html", {"entries": entries})
    response["X-Robots-Tag"] = "noindex"
    return response


def _no_link(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"title": title, "text": text, "form": MineForm()}
    return render(request, "participants/mine.html", context, status=status)
