"""Trying again what is stuck: what the buttons of staff and of organizers do."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from contests import converting
from contests.models import Conversion

_MOST = 200  # conversions queued by one request


def try_again(stuck: QuerySet[Conversion], by: User, actor: str = "team") -> str:
    """Queue stuck conversions again, if their originals are there; return what to tell people."""
    count = converting.redrive(stuck.filter(entry__upload__missing_since=None), _MOST, by, actor)
    if not count:
        return _("There is nothing to try again any more.")
    text = ngettext("Queued again: %(count)s video.", "Queued again: %(count)s videos.", count)
    return text % {"count": count}
