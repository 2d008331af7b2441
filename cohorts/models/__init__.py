from .application import (
    MOST_TIES,
    Answer,
    Application,
    BlindCopy,
    Draft,
    ResumeToken,
    Standing,
    TraitAnswer,
)
from .cohort import Cohort
from .confidentiality import (
    NOBODY,
    ApplicantAndLeads,
    CohortPrivate,
    CohortShared,
    FacilitatorsOnly,
    LeadsAndReviewers,
    LeadsOnly,
    MineOnly,
    in_cohorts_i_facilitate,
    in_my_cohorts,
    in_my_cohorts_since_i_read,
    in_programs_i_serve,
    only_mine,
)
from .importing import ImportBatch, ImportRow
from .intake import Intake, IntakePhase, Permit, Question, Trait
from .membership import Membership, Role
from .program import Appointment, Program, appoint
from .review import Review, Score
from .rubric import Criterion

__all__ = [
    "MOST_TIES",
    "NOBODY",
    "Answer",
    "ApplicantAndLeads",
    "Application",
    "Appointment",
    "BlindCopy",
    "Cohort",
    "CohortPrivate",
    "CohortShared",
    "Criterion",
    "Draft",
    "FacilitatorsOnly",
    "ImportBatch",
    "ImportRow",
    "Intake",
    "IntakePhase",
    "LeadsAndReviewers",
    "LeadsOnly",
    "Membership",
    "MineOnly",
    "Permit",
    "Program",
    "Question",
    "ResumeToken",
    "Review",
    "Role",
    "Score",
    "Standing",
    "Trait",
    "TraitAnswer",
    "appoint",
    "in_cohorts_i_facilitate",
    "in_my_cohorts",
    "in_my_cohorts_since_i_read",
    "in_programs_i_serve",
    "only_mine",
]
