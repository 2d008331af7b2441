from .base import Edited, Once, PrivateRow, Row, create_once, uuid7
from .outbox import OutboxMessage
from .record import Record, record
from .user import User, validate_zone

__all__ = [
    "Edited",
    "Once",
    "OutboxMessage",
    "PrivateRow",
    "Record",
    "Row",
    "User",
    "create_once",
    "record",
    "uuid7",
    "validate_zone",
]
