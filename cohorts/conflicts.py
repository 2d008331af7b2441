"""Who should not read whom, as far as it shows in what is known. Pure.

Inferred from six things, each named with the pair it keeps apart, so that a lead can
look and overrule. Reviewers never see these: that "somebody from your organisation
applied" would already say who.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

# Mail houses where everybody may live: sharing one says nothing.
PUBLIC_DOMAINS = frozenset(
    """
    126.com 163.com aol.com bol.com.br comcast.net duck.com fastmail.com free.fr
    gmail.com gmx.at gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk
    hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it icloud.com inbox.lv
    laposte.net libero.it live.co.uk live.com live.fr mac.com mail.com mail.ru
    mailbox.org me.com msn.com naver.com orange.fr outlook.com outlook.com.br
    outlook.es outlook.fr pm.me posteo.de proton.me protonmail.com qq.com
    rediffmail.com riseup.net rocketmail.com seznam.cz sfr.fr t-online.de terra.com.br
    tutanota.com uol.com.br wanadoo.fr web.de wp.pl yahoo.co.id yahoo.co.in
    yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yandex.ru ymail.com
    zoho.com
    """.split()  # noqa: SIM905
)
# What so large a part of all applicants share says nothing either: the program's own
# house, or the one organisation that it is for.
COMMON = 1 / 4
COMMON_FROM = 8  # applicants; of fewer, a quarter is hardly anybody
# A single name shorter than this is shared by too many.
SHORTEST_WORD = 4


class Kind(Enum):
    OWN = "own"  # the reviewer's own application: never to be overruled
    ORGANISATION = "organisation"
    MAIL_DOMAIN = "mail_domain"
    COHORT = "cohort"  # they sit, or sat, in one circle
    INVITED = "invited"  # the reviewer once invited this person
    NAMED = "named"  # the reviewer named them, or their organisation
    NAMES_THEM = "names_them"  # the applicant works with the reviewer already


@dataclass(frozen=True, kw_only=True)
class Applicant:
    key: str
    person: str = ""
    email: str = ""
    called: str = ""
    organisation: str = ""
    ties: Collection[str] = ()
    cohorts: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    key: str
    email: str = ""
    names: Collection[str] = ()
    organisations: Collection[str] = ()
    ties: Collection[str] = ()
    cohorts: Collection[str] = ()
    invited: Collection[str] = field(default=())  # mail addresses


Pair = tuple[str, str]  # applicant and reviewer


def infer(
    applicants: Iterable[Applicant], reviewers: Collection[Reviewer]
) -> dict[Pair, list[Kind]]:
    """Each pair that should be kept apart, with every reason that shows."""
    applicants = list(applicants)
    index = _Index(reviewers)
    for table, shared in (
        (index.by_domain, [domain_of(one.email) for one in applicants]),
        (index.by_organisation, [folded(one.organisation) for one in applicants]),
    ):
        for value in _common(shared):
            table.pop(value, None)
    found: dict[Pair, list[Kind]] = {}
    for applicant in applicants:
        for kind, reviewer in index.against(applicant):
            kinds = found.setdefault((applicant.key, reviewer), [])
            if kind not in kinds:
                kinds.append(kind)
    return found


def folded(text: str) -> str:
    """Letters and digits only, without accents and capitals."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain))


def domain_of(email: str) -> str:
    """The part of a mail address that tells an organisation, or nothing."""
    domain = email.rpartition("@")[2].strip().lower()
    return "" if domain in PUBLIC_DOMAINS else domain


def _common(values: Collection[str]) -> set[str]:
    """What so many share that it tells nobody apart."""
    if len(values) < COMMON_FROM:
        return set()
    return {value for value, n in Counter(values).items() if n > len(values) * COMMON}


class _Names:
    """Names to be found inside longer ones: "Tools United" in "Tools United Kenya"."""

    def __init__(self) -> None:
        self.by_word: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)

    def add(self, name: str, reviewer: str) -> None:
        words = frozenset(folded(name).split())
        # Found by its longest word, which stands in the fewest other names.
        longest = max(words, key=lambda word: (len(word), word), default="")
        if len(longest) >= SHORTEST_WORD or len(words) > 1:
            self.by_word[longest].append((words, reviewer))

    def within(self, text: str) -> Iterator[str]:
        words = frozenset(folded(text).split())
        for word in words:
            for name, reviewer in self.by_word.get(word, ()):
                if name <= words:
                    yield reviewer


class _Index:
    """Reviewers by everything that an applicant could share with them."""

    def __init__(self, reviewers: Collection[Reviewer]) -> None:
        self.keys = {reviewer.key for reviewer in reviewers}
        self.by_email: dict[str, set[str]] = defaultdict(set)
        self.by_domain: dict[str, set[str]] = defaultdict(set)
        self.by_organisation: dict[str, set[str]] = defaultdict(set)
        self.by_cohort: dict[str, set[str]] = defaultdict(set)
        self.by_invited: dict[str, set[str]] = defaultdict(set)
        self.named, self.called = _Names(), _Names()
        for reviewer in reviewers:
            key = reviewer.key
            self.by_email[reviewer.email.lower()].add(key)
            self.by_domain[domain_of(reviewer.email)].add(key)
            for organisation in reviewer.organisations:
                self.by_organisation[folded(organisation)].add(key)
                self.called.add(organisation, key)
            for name in reviewer.names:
                self.called.add(name, key)
            for cohort in reviewer.cohorts:
                self.by_cohort[cohort].add(key)
            for address in reviewer.invited:
                self.by_invited[address.lower()].add(key)
            for tie in reviewer.ties:
                self.named.add(tie, key)
        for table in (
            self.by_email,
            self.by_domain,
            self.by_organisation,
            self.by_invited,
        ):
            table.pop("", None)

    def against(self, applicant: Applicant) -> Iterator[tuple[Kind, str]]:
        email = applicant.email.lower()
        if applicant.person in self.keys:
            yield Kind.OWN, applicant.person
        for key in self.by_email.get(email, ()):
            yield Kind.OWN, key
        for key in self.by_organisation.get(folded(applicant.organisation), ()):
            yield Kind.ORGANISATION, key
        for key in self.by_domain.get(domain_of(email), ()):
            yield Kind.MAIL_DOMAIN, key
        for cohort in applicant.cohorts:
            for key in self.by_cohort.get(cohort, ()):
                yield Kind.COHORT, key
        for key in self.by_invited.get(email, ()):
            yield Kind.INVITED, key
        for name in (applicant.called, applicant.organisation):
            for key in self.named.within(name):
                yield Kind.NAMED, key
        for tie in applicant.ties:
            for key in self.called.within(tie):
                yield Kind.NAMES_THEM, key
