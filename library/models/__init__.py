from .resource import Described, Kind, Resource, ResourceTagging
from .tag import Tag, Tagging

__all__ = ["Described", "Kind", "Resource", "ResourceTagging", "Tag", "Tagging"]
