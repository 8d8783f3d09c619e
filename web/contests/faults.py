"""Our own faults, in words for organizers: anybody may be one, so they learn the kind and no more.

The error itself is for staff: `/ops/` and `manage.py`.
"""

from django.utils.translation import gettext as _

_FULL = ("No space left on device", "Disk quota exceeded", "disk is full")
# Exceptions' names, with which an error's text begins.
_STORAGE = {"Unavailable", "FileNotFoundError"}
_DATABASE = {"OperationalError", "InterfaceError", "DatabaseError", "InternalError"}
_VANISHED = "the worker vanished"


def kind(error: str) -> str:
    """Say in the reader's language what kind of fault a conversion's `error` is."""
    name = error.partition(":")[0]
    if any(each in error for each in _FULL):
        return _("One of our disks was full.")
    if name in _STORAGE:
        return _("Our file storage did not answer, or had lost the file.")
    if name in _DATABASE:
        return _("Our database did not answer.")
    if name == _VANISHED:
        return _("The machine that was converting it stopped in the middle.")
    return _("Something unexpected; those who run the site see what.")
