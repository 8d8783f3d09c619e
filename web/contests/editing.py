"""Creating and changing a contest."""

from typing import IO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backends import storage
from contests import images
from contests.models import Contest


def save_contest(
    contest: Contest, image: IO[bytes] | None = None, *, remove_image: bool = False
) -> None:
    """Save a validated contest; a new `image` replaces the old one, `remove_image` drops it.

    Raises images.BadImage, and ValidationError when another contest has just taken its address.
    """
    old_key = contest.image_key
    new_key = images.store(image) if image else ""
    if new_key or remove_image:
        contest.image_key = new_key
    try:
        with transaction.atomic():
            contest.save()
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
