from .published import (
    COPIES,
    Audience,
    Copy,
    NetworkCopy,
    ProgramCopy,
    PublicCopy,
)
from .resource import Described, Kind, Resource, ResourceTagging
from .tag import Tag, Tagging

__all__ = [
    "COPIES",
    "Audience",
    "Copy",
    "Described",
    "Kind",
    "NetworkCopy",
    "ProgramCopy",
    "PublicCopy",
    "Resource",
    "ResourceTagging",
    "Tag",
    "Tagging",
]
