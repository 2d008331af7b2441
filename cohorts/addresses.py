"""Names for addresses: short, in plain letters, taken by nobody else."""

from __future__ import annotations

import secrets

from django.utils.text import slugify

from cohorts.models import Cohort, Program

# Words that stand where a cohort's own name would in an address.
RESERVED = frozenset(
    {"calls", "compose", "programs", "export", "settings", "audit", "new", "style"}
)


def free_slug(name: str, model: type[Cohort] | type[Program]) -> str:
    """A name for addresses; names in other scripts get a few letters of chance."""
    base = slugify(name)[:50]
    slug = base
    while (
        not slug
        or slug in RESERVED
        or model._default_manager.filter(slug=slug).exists()
    ):
        slug = f"{base or model._meta.model_name}-{secrets.token_hex(2)}"
    return slug
