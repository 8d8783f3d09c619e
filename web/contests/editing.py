"""Creating and changing a contest."""

from typing import IO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import User
from backends import storage
from backends.transactions import retried
from contests import auditing, images, placing
from contests.models import Contest, Member, Role, Visibility


def save_contest(
    contest: Contest, by: User, image: IO[bytes] | None = None, *, remove_image: bool = False
) -> None:
    """Save a validated contest; a new `image` replaces the old one, `remove_image` drops it.

    Whoever makes one (`by`) owns it, and it is a draft until it is announced.

    Raises images.BadImage, and ValidationError when another contest has just taken its address.
    """
    old_key = contest.image_key
    private = contest.visibility == Visibility.PRIVATE
    new_key = images.store(image, private=private) if image else ""
    if new_key or remove_image:
        contest.image_key = new_key
    try:
        with transaction.atomic():
            made = contest.pk is None
            rows = Contest.objects.filter(pk=contest.pk, visibility=Visibility.PRIVATE)
            if not made and rows.exists() != private:
                placing.mark(contest.entries.all())
            contest.save()
            if made:
                Member.objects.create(contest=contest, user=by, role=Role.OWNER)
            auditing.record(contest, "contest_made" if made else "contest_changed", user=by)
            if replaced := old_key and old_key != contest.image_key:
                storage.doom(old_key)
    except IntegrityError as error:
        storage.delete(new_key, unseen=True) if new_key else None
        contest.image_key = old_key
        taken = Contest.objects.filter(url=contest.url).exclude(pk=contest.pk).exists()
        if not taken:
            raise
        text = _("Another contest already has this address. Choose another.")
        raise ValidationError({"url": text}) from error
    if replaced:
        storage.delete(old_key)


@retried
def announce(contest: Contest, by: User) -> bool:
    """Let the public in: from now on the contest's dates count. False: it was announced before."""
    row = Contest.objects.filter(pk=contest.pk, announced_at=None)
    if not row.update(announced_at=Now()):
        return False
    auditing.record(contest, "contest_announced", user=by)
    return True
