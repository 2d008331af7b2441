from .base import Edited, Once, PrivateRow, Row, create_once, uuid7
from .encrypted import EncryptedTextField
from .erasure import Erasure
from .export import Export
from .outbox import OutboxMessage
from .pouring import pour
from .preferences import (
    DEFAULTS,
    AddressStop,
    How,
    NoticePreference,
    Purpose,
    When,
    Wish,
    set_wish,
    wishes_of,
)
from .record import Record, record
from .user import User, validate_zone

__all__ = [
    "DEFAULTS",
    "AddressStop",
    "Edited",
    "EncryptedTextField",
    "Erasure",
    "Export",
    "How",
    "NoticePreference",
    "Once",
    "OutboxMessage",
    "PrivateRow",
    "Purpose",
    "Record",
    "Row",
    "User",
    "When",
    "Wish",
    "create_once",
    "pour",
    "record",
    "set_wish",
    "uuid7",
    "validate_zone",
    "wishes_of",
]
