"""What a contest is made of. Rules that need more than one row live in the verbs beside."""

from contests.models.captions import Captions
from contests.models.code import Code
from contests.models.contest import Contest, Phase, Visibility
from contests.models.conversion import Conversion, Rendition, State
from contests.models.deck import Deck
from contests.models.entry import Entry, Moderation
from contests.models.event import Event
from contests.models.notification import Kind, Notification
from contests.models.report import Report
from contests.models.rules import Acceptance, Answer, Category, Question, Rules
from contests.models.sweep import Nameless, SweepLock
from contests.models.team import Member, Role, TeamInvitation
from contests.models.upload import Upload
from contests.models.vote import Ballot, Choice, Voter
from contests.models.worker import Worker

__all__ = [
    "Acceptance",
    "Answer",
    "Ballot",
    "Captions",
    "Category",
    "Choice",
    "Code",
    "Contest",
    "Conversion",
    "Deck",
    "Entry",
    "Event",
    "Kind",
    "Member",
    "Moderation",
    "Nameless",
    "Notification",
    "Phase",
    "Question",
    "Rendition",
    "Report",
    "Role",
    "Rules",
    "State",
    "SweepLock",
    "TeamInvitation",
    "Upload",
    "Visibility",
    "Voter",
    "Worker",
]
