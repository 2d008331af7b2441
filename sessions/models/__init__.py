from .appreciation import Appreciation
from .calendar_feed import CalendarFeed
from .checkin import CheckIn
from .commitment import Commitment, CommitmentQuerySet
from .insight import Insight
from .opened import OpenedPost
from .post import Post, Reply
from .quiet import Quiet, last_sign
from .recording import RecordingWord
from .ritual_session import (
    RitualSession,
    Rsvp,
    SessionPhase,
    SessionSeries,
    next_number,
)
from .room import (
    AWAY_AFTER,
    OwnNote,
    Presence,
    Room,
    Turn,
    Writing,
    room_name,
    stir,
)
from .written import PAGE

__all__ = [
    "AWAY_AFTER",
    "PAGE",
    "Appreciation",
    "CalendarFeed",
    "CheckIn",
    "Commitment",
    "CommitmentQuerySet",
    "Insight",
    "OpenedPost",
    "OwnNote",
    "Post",
    "Presence",
    "Quiet",
    "RecordingWord",
    "Reply",
    "RitualSession",
    "Room",
    "Rsvp",
    "SessionPhase",
    "SessionSeries",
    "Turn",
    "Writing",
    "last_sign",
    "next_number",
    "room_name",
    "stir",
]
