from .project import Hypothesis, Project, Reading, Signal
from .release import Figure, Release, ShareLink

__all__ = [
    "Figure",
    "Hypothesis",
    "Project",
    "Reading",
    "Release",
    "ShareLink",
    "Signal",
]
