"""What a contest is made of. Rules that need more than one row live in the verbs beside."""

from contests.models.contest import Contest, Phase
from contests.models.conversion import Conversion, Rendition, State
from contests.models.entry import Entry
from contests.models.notification import Kind, Notification
from contests.models.sweep import Nameless, SweepLock
from contests.models.upload import Upload
from contests.models.vote import Ballot, Choice, Voter
from contests.models.worker import Worker

__all__ = [
    "Ballot",
    "Choice",
    "Contest",
    "Conversion",
    "Entry",
    "Kind",
    "Nameless",
    "Notification",
    "Phase",
    "Rendition",
    "State",
    "SweepLock",
    "Upload",
    "Voter",
    "Worker",
]
