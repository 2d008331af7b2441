from .cohort import Cohort
from .confidentiality import (
    NOBODY,
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
from .membership import Membership, Role
from .program import Appointment, Program, appoint

__all__ = [
    "NOBODY",
    "Appointment",
    "Cohort",
    "CohortPrivate",
    "CohortShared",
    "FacilitatorsOnly",
    "LeadsAndReviewers",
    "LeadsOnly",
    "Membership",
    "MineOnly",
    "Program",
    "Role",
    "appoint",
    "in_cohorts_i_facilitate",
    "in_my_cohorts",
    "in_my_cohorts_since_i_read",
    "in_programs_i_serve",
    "only_mine",
]
