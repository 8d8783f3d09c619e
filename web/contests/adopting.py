"""Making whole what instances of the version before write while they are being replaced.

The version after this one drops it, with the column of a contest's organizer.
"""

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now

from backends.transactions import retried
from contests.models import Contest, Conversion, Entry, Member, Role


@retried
def adopt() -> None:
    """Give contests without a team their organizer, and say since when published videos are so."""
    orphans = list(Contest.objects.filter(organizer__isnull=False, team=None))
    owners = [
        Member(contest=each, user_id=each.organizer_id or 0, role=Role.OWNER) for each in orphans
    ]
    Member.objects.bulk_create(owners, ignore_conflicts=True)
    # There was no draft then: who made a contest showed it.
    made = Contest.objects.filter(pk__in=[each.pk for each in orphans], announced_at=None)
    made.update(announced_at=F("created_at"))
    finished = Conversion.objects.filter(published_as=OuterRef("pk")).values("finished_at")
    shown = Entry.objects.public().filter(public_at=None)
    shown.update(public_at=Coalesce(Subquery(finished), Now()))
