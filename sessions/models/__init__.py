from .calendar_feed import CalendarFeed
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

__all__ = [
    "AWAY_AFTER",
    "CalendarFeed",
    "OwnNote",
    "Presence",
    "RitualSession",
    "Room",
    "Rsvp",
    "SessionPhase",
    "SessionSeries",
    "Turn",
    "Writing",
    "next_number",
    "room_name",
    "stir",
]
