"""Whatever a circle does, in whatever order: what can never be true afterwards.

A machine of hypothesis lives the life of one cohort: people propose, answer, edit,
object, integrate, leave and join; the clock ticks. Nothing is told to it about what
is allowed; a refusal is an answer like any other. What the machine holds against the
code it works out by itself, from the rows.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import F, Q
from hypothesis import HealthCheck, settings
from hypothesis import given as whatever
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from charters import amending, quarterly
from charters.consent import RULES
from charters.models import (
    Amendment,
    CharterVersion,
    Clause,
    Consent,
    ConsentRound,
    ProposedClause,
    QuarterlyReview,
    Remark,
    RoundReminder,
    Wording,
)
from cohorts.models import Membership, Role
from people.refusal import Refused
from tests.charters.conftest import adopt_by_all, change, object_to, rewrite_of, seven
from tests.conftest import person, seat

WHY = "the oracle of the test"
WORDS = st.sampled_from(
    ["One.", "Two.", "Three.", "ثلاثة.", "四。", "  ", "Fünf & <6>."]
)
PEOPLE = st.integers(0, 6)
WHICH = st.integers(0, 9)
# Ways to decide that the circle may agree on while it lives.
ALL_WAYS = [
    {"rule": "consent"},
    {"rule": "consent", "silence_counts": True},
    {"rule": "consensus"},
    {"rule": "advice"},
    {"rule": "gradients", "support": "1/2"},
    {"rule": "gradients", "support": "9/10"},
    {"asks": "member"},
    {"asks": "facilitator", "sections": {"feedback": "advice"}},
]
WAYS = st.sampled_from(ALL_WAYS)
KINDS = st.sampled_from(
    ["consent", "consent", "concern", "object", "aside", "disagree", ""]
)
SHARES = {"1/2": 0.5, "2/3": 2 / 3, "3/4": 0.75, "9/10": 0.9}


class Circle(RuleBasedStateMachine):
    birch = None
    start = None

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = self.start
        self.names = 0
        amendment = amending.propose(by=self.birch.ada, clauses=seven(), now=self.now)
        adopt_by_all(self.birch, amendment, now=self.now)

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # --- Who and what ------------------------------------------------------------

    def someone(self, n):
        everyone = list(
            Membership.objects.filter(cohort=self.birch.cohort)
            .select_related("cohort", "person")
            .order_by("joined_at", "pk")
        )
        return everyone[n % len(everyone)]

    def amendment(self, n):
        rows = list(Amendment.objects.unsealed(WHY).order_by("proposed_at", "pk"))
        return rows[n % len(rows)]

    def deciding(self, n):
        rows = list(
            Amendment.objects.unsealed(WHY).deciding().order_by("proposed_at", "pk")
        )
        return rows[n % len(rows)] if rows else self.amendment(n)

    def clause(self, n):
        version = CharterVersion.objects.unsealed(WHY).in_force(self.birch.cohort)
        rows = list(Clause.objects.unsealed(WHY).of(version))
        return rows[n % len(rows)]

    def try_to(self, act, *args, **kwargs):
        """Do it; None when it was refused with a sentence. No two at one moment."""
        self.now += timedelta(microseconds=1)
        try:
            with transaction.atomic():
                return act(*args, now=self.now, **kwargs)
        except Refused:
            return None

    # --- What happens ------------------------------------------------------------

    @rule(who=PEOPLE, which=WHICH, text=WORDS, removes=st.booleans(), ask=st.booleans())
    def propose(self, who, which, text, removes, ask):
        clause, by = self.clause(which), self.someone(who)
        if removes and which == 7:
            made = self.try_to(
                amending.propose,
                by=by,
                clauses=[amending.Draft(change="removed", key=clause.key)],
            )
        else:
            try:
                made = change(self.birch, clause, text, self.now, by=by)
            except Refused:
                made = None
        if made and ask:
            self.try_to(amending.open_round, made, by=by)

    @rule(
        who=PEOPLE,
        which=WHICH,
        text=WORDS,
        way=st.one_of(st.none(), st.none(), WAYS),
        dissent=KINDS,
        dissents=st.sampled_from([None, 1, 1, 2]),
        waits=st.sampled_from([0, 0, 130]),
        uses=st.booleans(),
    )
    def live_through(self, who, which, text, way, dissent, dissents, waits, uses):
        """A whole life of a proposal, so that many are adopted, by each rule."""
        if way is not None:
            self.change_how_we_decide(self.birch.ada, which, way)
        by, clause = self.someone(who), self.clause(which)
        made = self.try_to(
            amending.propose,
            by=by,
            clauses=[
                amending.Draft(
                    change="changed",
                    key=clause.key,
                    section=clause.section,
                    title=clause.title,
                    text=f"{text} {which}",
                    value=clause.value,
                )
            ],
        )
        asked = made and self.try_to(amending.open_round, made, by=by)
        if asked is None:
            return
        for n, member in enumerate(amending.standing(asked, now=self.now).members):
            kind = dissent if n == dissents else "consent"
            if kind:
                self.say(asked, member, kind)
        if waits:
            self.time_passes(waits)
        if uses:
            self.say_what_became_of_advice_on(made)
        made.refresh_from_db()
        if made.is_open:
            self.watch_adoption(made, by=by)

    @rule(who=PEOPLE, which=WHICH)
    def ask_the_circle(self, who, which):
        self.try_to(amending.open_round, self.amendment(which), by=self.someone(who))

    @rule(
        which=WHICH,
        kinds=st.one_of(
            st.just(["consent"] * 8),
            st.just(["consent", "concern"] * 4),
            st.lists(KINDS, min_size=4, max_size=7),
        ),
        old_text=st.sampled_from([False, False, False, True]),
        adopt=st.booleans(),
    )
    def answer(self, which, kinds, old_text, adopt):
        amendment = self.deciding(which)
        asked = self.newest_round(amendment)
        if asked is None:
            return
        wordings = Wording.objects.unsealed(WHY).filter(amendment=amendment)
        text_hash = (
            wordings.order_by("number").first().text_hash
            if old_text
            else asked.text_hash
        )
        for n, kind in enumerate(kinds):
            if kind:
                self.say(asked, self.someone(n), kind, text_hash)
        if adopt:
            amendment.refresh_from_db()
            self.watch_adoption(amendment, by=amendment.proposer)

    @rule(which=WHICH, kinds=st.lists(KINDS, min_size=3, max_size=6))
    def change_the_words_and_change_them_back(self, which, kinds):
        amendment = self.deciding(which)
        asked = self.newest_round(amendment)
        line = (
            ProposedClause.objects.unsealed(WHY)
            .of(amendment)
            .select_related("amendment__proposer__cohort")
            .first()
        )
        if asked is None or asked.closed_at is not None:
            return
        for n, kind in enumerate(kinds):
            if kind:
                self.say(asked, self.someone(n), kind)
        first = line.text
        for text in (f"{first} No.", first):
            line.refresh_from_db()
            self.try_to(
                amending.rewrite, line, rewrite_of(line, text), by=amendment.proposer
            )
            # From a page that still shows the words of before.
            self.say(asked, self.someone(which), "consent", asked.text_hash)

    @rule(who=PEOPLE, which=WHICH, text=WORDS)
    def reword(self, who, which, text):
        line = (
            ProposedClause.objects.unsealed(WHY)
            .of(self.deciding(which))
            .select_related("amendment")
            .first()
        )
        self.try_to(
            amending.rewrite, line, rewrite_of(line, text), by=self.someone(who)
        )

    @rule(who=PEOPLE, which=WHICH, way=WAYS)
    def change_how_we_decide(self, who, which, way):
        """By the rule in force, like any other change."""
        version = CharterVersion.objects.unsealed(WHY).in_force(self.birch.cohort)
        clauses = Clause.objects.unsealed(WHY).of(version)
        deciding = clauses.filter(steers="deciding").first()
        if deciding is None:
            return
        by = self.someone(who) if isinstance(who, int) else who
        made = self.try_to(
            amending.propose,
            by=by,
            clauses=[
                amending.Draft(
                    change="changed",
                    key=deciding.key,
                    section=deciding.section,
                    title=deciding.title,
                    text=f"Another way, {which}.",
                    value=way,
                )
            ],
        )
        asked = made and self.try_to(amending.open_round, made, by=by)
        if asked is None:
            return
        for member in amending.standing(asked, now=self.now).members:
            self.say(asked, member, "consent")
        made.refresh_from_db()
        self.watch_adoption(made, by=by)

    def say(self, asked, member, kind, text_hash=None):
        now_asked = ConsentRound.objects.unsealed(WHY).get(pk=asked.pk).text_hash
        given = self.try_to(
            amending.answer,
            asked,
            by=member,
            kind=kind,
            text_hash=text_hash or asked.text_hash,
            reason="R.",
            harm="H.",
            fix="F.",
        )
        # An answer to words that are not the ones asked about is never taken.
        assert given is None or (text_hash or asked.text_hash) == now_asked
        return given

    @rule(which=WHICH, text=WORDS, all_of_them=st.booleans())
    def integrate(self, which, text, all_of_them):
        objections = list(
            Consent.objects.unsealed(WHY)
            .objections()
            .filter(voided_at=None, round__closed_at=None)
            .select_related("round__amendment__proposer__cohort")
            .order_by("pk")
        )
        if not objections:
            return
        objection = objections[which % len(objections)]
        amendment = objection.round.amendment
        line = ProposedClause.objects.unsealed(WHY).of(amendment).first()
        self.try_to(
            amending.integrate,
            objection,
            by=amendment.proposer,
            words={line.key: rewrite_of(line, text)},
            also=objections if all_of_them else (),
        )

    @rule(who=PEOPLE, which=WHICH)
    def take_an_answer_back(self, who, which):
        asked = self.newest_round(self.deciding(which))
        if asked is not None:
            self.try_to(amending.take_back, asked, by=self.someone(who))

    @rule(which=WHICH)
    def say_what_became_of_advice(self, which):
        self.say_what_became_of_advice_on(self.deciding(which))

    def say_what_became_of_advice_on(self, amendment):
        for advice in amending.advice_on(amendment).select_related("round__amendment"):
            self.try_to(
                amending.use_advice, advice, by=amendment.proposer, text="Heard."
            )

    @rule(who=PEOPLE, which=WHICH)
    def look_at_both(self, who, which):
        line = (
            ProposedClause.objects.unsealed(WHY)
            .of(self.amendment(which))
            .select_related("amendment")
            .first()
        )
        self.try_to(amending.base_anew, line, by=self.someone(who))

    def newest_round(self, amendment):
        rounds = ConsentRound.objects.unsealed(WHY).filter(amendment=amendment)
        return rounds.order_by("-number").first()

    @rule(who=PEOPLE, which=WHICH)
    def adopt(self, who, which):
        self.watch_adoption(self.deciding(which), by=self.someone(who))

    @rule(
        who=PEOPLE,
        which=WHICH,
        how=st.sampled_from(["extend", "withdraw", "send_to_session", "take_up_again"]),
    )
    def go_another_way(self, who, which, how):
        self.try_to(getattr(amending, how), self.amendment(which), by=self.someone(who))

    @rule(who=PEOPLE)
    @precondition(
        lambda self: (
            Membership.objects.active().filter(cohort=self.birch.cohort).count() > 2
        )
    )
    def leave(self, who):
        member = self.someone(who)
        if member.left_at is None:
            member.left_at = self.now
            member.save()

    @rule(facilitates=st.booleans())
    @precondition(lambda self: self.names < 3)
    def join(self, facilitates):
        self.names += 1
        seat(
            self.birch.cohort,
            person(f"new{self.names}"),
            Role.FACILITATOR if facilitates else Role.MEMBER,
            joined_at=self.now,
        )

    @rule(hours=st.sampled_from([1, 30, 100, 130, 3000]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        amending.remind(now=self.now)
        before = set(CharterVersion.objects.unsealed(WHY).values_list("pk", flat=True))
        standing = {a.pk: self.votes(a) for a in self.all_deciding()}
        amending.settle(now=self.now)
        for version in CharterVersion.objects.unsealed(WHY).exclude(pk__in=before):
            self.judge(version, standing[version.amendment_id])
        quarterly.tend(now=self.now)

    @rule(who=PEOPLE)
    def hold_the_review(self, who):
        review = QuarterlyReview.objects.unsealed(WHY).awaited().get()
        self.try_to(quarterly.hold, review, by=self.someone(who))

    def live_by(self, kinds, *, ticks, uses, leaves):
        """One proposal by the rule of the day; what happened is judged on the way."""
        by = self.birch.ada
        clause = next(
            c
            for c in Clause.objects.unsealed(WHY).of(
                amending.in_force(self.birch.cohort)
            )
            if not c.steers
        )
        made = change(self.birch, clause, "By this rule.", self.now, by=by)
        asked = self.try_to(amending.open_round, made, by=by)
        here = amending.standing(asked, now=self.now).members
        for kind, member in zip(kinds, here, strict=False):
            if kind:
                self.say(asked, member, kind)
        if leaves:
            self.birch.ben.left_at = self.now
            self.birch.ben.save()
        for hours in ticks:
            self.time_passes(hours)
        if uses:
            self.say_what_became_of_advice_on(made)
        made.refresh_from_db()
        if made.is_open:
            _asked, circle, said, _reminded = self.votes(made)
            self.watch_adoption(made, by=by)
            made.refresh_from_db()
            # Where every one of those asked simply says yes, nothing stands in the way.
            if circle and {who: "consent" for who in circle} == said:
                advice = amending.advice_on(made).exists()
                alone = asked.rule == "advice" and len(said) < 2
                open_yet = asked.rule == "advice" and not ticks
                assert made.state == "adopted" or advice or alone or open_yet

    # --- What must hold ----------------------------------------------------------

    def all_deciding(self):
        return list(Amendment.objects.unsealed(WHY).deciding())

    def votes(self, amendment):
        """Straight from the rows, by a way of its own: who said what to this text."""
        asked = (
            ConsentRound.objects.unsealed(WHY)
            .filter(amendment=amendment, closed_at=None)
            .first()
        )
        if asked is None:
            return None
        here = Membership.objects.active().filter(
            cohort=self.birch.cohort, joined_at__lte=asked.opens_at
        )
        if asked.asks != "everyone":
            here = here.filter(role=asked.asks)
        circle = set(here.values_list("pk", flat=True))
        text = [p.as_parts for p in ProposedClause.objects.unsealed(WHY).of(amendment)]
        said = {
            c.member_id: c.kind
            for c in Consent.objects.unsealed(WHY).filter(
                round=asked,
                text_hash=amending.fingerprint_of(text),
                # Words that come back do not bring their answers back.
                given_at__gte=F("round__wording__worded_at"),
                member__in=circle,
            )
        }
        reminders = RoundReminder.objects.unsealed(WHY).filter(
            round=asked, text_hash=asked.text_hash
        )
        reminded = list(reminders.values_list("member", flat=True))
        return asked, circle, said, {m for m in circle if reminded.count(m) >= 2}

    def watch_adoption(self, amendment, *, by):
        was_open = amendment.state == "decide"
        votes = self.votes(amendment)
        version = self.try_to(amending.adopt, amendment, by=by)
        if version is not None and was_open:
            self.judge(version, votes)

    def judge(self, version, votes):
        """What each rule promises, from what everyone had said when it was adopted."""
        asked, circle, said, reminded = votes
        yes = [who for who, kind in said.items() if kind in ("consent", "concern")]
        silent = circle - set(said)
        assert "object" not in said.values()
        lapsed = QuarterlyReview.objects.unsealed(WHY).of(self.birch.cohort).lapsed()
        assert not lapsed.exists()
        if asked.rule == "consensus":
            assert "concern" not in said.values()
        if asked.rule == "gradients":
            assert len(yes) >= SHARES[asked.support] * len(said) - 1e-9
        if asked.rule == "advice":
            assert len(said) >= 2
            advice = Consent.objects.unsealed(WHY).filter(
                round__amendment=asked.amendment_id, kind="concern"
            )
            used = Remark.objects.unsealed(WHY).exclude(about=None)
            assert set(
                advice.exclude(member=asked.amendment.proposer_id).values_list(
                    "pk", flat=True
                )
            ) <= set(used.values_list("about", flat=True))
        elif silent:
            assert asked.silence_counts
            assert asked.rule == "consent"
            assert silent <= reminded
            assert yes
            assert self.now >= asked.closes_at
        assert version.consented + version.concerned == len(yes)
        # What was adopted is, word for word, what was consented to.
        clauses = {c.key: c for c in Clause.objects.unsealed(WHY).of(version)}
        for parts in Wording.objects.unsealed(WHY).get(pk=asked.wording_id).clauses:
            clause = clauses.get(UUID(parts["key"]))
            assert (clause is None) == (parts["change"] == "removed")
            assert clause is None or clause.text == parts["text"]

    @invariant()
    def no_version_carries_an_objection(self):
        """Of anybody who sat in the circle when it was adopted, whatever came since."""
        for amendment in Amendment.objects.unsealed(WHY).filter(state="adopted"):
            asked = self.newest_round(amendment)
            carried = Consent.objects.unsealed(WHY).filter(
                Q(member__left_at=None) | Q(member__left_at__gt=amendment.closed_at),
                round=asked,
                kind="object",
                text_hash=asked.text_hash,
                voided_at=None,
            )
            assert not carried.exists()

    @invariant()
    def only_what_is_being_decided_has_an_open_round(self):
        assert not (
            ConsentRound.objects.unsealed(WHY)
            .filter(closed_at=None)
            .exclude(amendment__state="decide")
            .exists()
        )

    @invariant()
    def an_answer_to_another_text_never_counts(self):
        for asked in ConsentRound.objects.unsealed(WHY).open():
            stands = amending.standing(asked, now=self.now)
            wording = Wording.objects.unsealed(WHY).get(pk=asked.wording_id)
            for given in stands.answers.values():
                assert given.text_hash == asked.text_hash
                assert given.given_at >= wording.worded_at
            assert amending.fingerprint_of(wording.clauses) == asked.text_hash

    @invariant()
    def versions_count_up_and_keep_their_fingerprint(self):
        versions = list(CharterVersion.objects.unsealed(WHY).of(self.birch.cohort))
        assert [v.number for v in versions] == list(range(len(versions), 0, -1))
        newest = versions[0]
        clauses = list(Clause.objects.unsealed(WHY).of(newest))
        assert [c.number for c in clauses] == list(range(1, len(clauses) + 1))
        assert newest.fingerprint == amending.fingerprint_of(
            c.as_parts for c in clauses
        )

    @invariant()
    def only_what_is_being_decided_is_held(self):
        held = ProposedClause.objects.unsealed(WHY).filter(held=True)
        deciding = ProposedClause.objects.unsealed(WHY).filter(
            amendment__state="decide"
        )
        assert set(held) == set(deciding)

    @invariant()
    def whoever_objected_has_a_way_into_the_text(self):
        """Before the third round ends; then to a session, by a press or the clock."""
        objection = (
            Consent.objects.unsealed(WHY)
            .objections()
            .filter(voided_at=None, round__closed_at=None, member__left_at=None)
            .select_related("round__amendment__proposer__cohort")
            .first()
        )
        if objection is None:
            return
        amendment = objection.round.amendment
        line = ProposedClause.objects.unsealed(WHY).of(amendment).first()
        by = self.who_carries(amendment)
        with transaction.atomic():
            try:
                if objection.round.number < 3 and line.change != "removed":
                    asked = amending.integrate(
                        objection,
                        by=by,
                        words={line.key: rewrite_of(line, f"{line.text} Mended.")},
                        now=self.now,
                    )
                    assert asked.number == objection.round.number + 1
                else:
                    out = amending.send_to_session(amendment, by=by, now=self.now)
                    assert out.state == "sent_to_session"
            except Refused:
                # Only a lapsed charter refuses it, and one press revives that.
                lapsed = QuarterlyReview.objects.unsealed(WHY).awaited().lapsed()
                quarterly.hold(lapsed.get(), by=by, now=self.now)
            transaction.set_rollback(True)

    @invariant()
    def what_went_to_a_session_has_a_way_out(self):
        for amendment in (
            Amendment.objects.unsealed(WHY)
            .filter(state="sent_to_session")
            .select_related("proposer__cohort")
        ):
            with transaction.atomic():
                out = amending.withdraw(
                    amendment, by=self.who_carries(amendment), now=self.now
                )
                transaction.set_rollback(True)
            assert out.state == "withdrawn"

    def who_carries(self, amendment):
        if amendment.proposer.left_at is None:
            return amendment.proposer
        return (
            Membership.objects.active()
            .filter(cohort=self.birch.cohort)
            .select_related("cohort", "person")
            .first()
        )

    @invariant()
    def every_open_proposal_has_a_way_out(self):
        for amendment in (
            Amendment.objects.unsealed(WHY).open().select_related("proposer__cohort")
        ):
            by = self.who_carries(amendment)
            with transaction.atomic():
                out = amending.withdraw(amendment, by=by, now=self.now)
                transaction.set_rollback(True)
            assert out.state == "withdrawn"

    @invariant()
    def nobody_is_reminded_twice_in_one_window(self):
        rows = RoundReminder.objects.unsealed(WHY).values_list(
            "round", "member", "closes_at", "number"
        )
        assert len(rows) == len(set(rows))


@pytest.mark.django_db
def test_whatever_a_circle_does_in_whatever_order(birch, now):
    """Shrinks to the shortest life that breaks a promise of the charter."""
    Circle.birch, Circle.start = birch, now - timedelta(days=30)
    run_state_machine_as_test(
        Circle,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "way", ALL_WAYS, ids=lambda way: " ".join(map(str, way.values()))
)
def test_each_rule_keeps_its_promise(birch, now, way):
    """Three people, whatever each says, whoever leaves, however the clock goes."""
    Circle.birch, Circle.start = birch, now - timedelta(days=30)
    kinds_of_it = [*RULES[way.get("rule", "consent")].offers, ""]

    @whatever(
        kinds=st.lists(st.sampled_from(kinds_of_it), min_size=3, max_size=3),
        ticks=st.sampled_from([(), (130,), (70, 45, 30)]),
        uses=st.booleans(),
        leaves=st.booleans(),
    )
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    def lives(kinds, ticks, uses, leaves):
        life = Circle()
        try:
            life.change_how_we_decide(birch.ada, 0, way)
            life.live_by(kinds, ticks=ticks, uses=uses, leaves=leaves)
            life.no_version_carries_an_objection()
        finally:
            life.teardown()
            birch.ben.left_at = None

    lives()


@pytest.mark.django_db
def test_the_oracle_has_teeth(birch, now):
    """A version adopted over an objection would not escape the judge."""
    Circle.birch, Circle.start = birch, now - timedelta(days=30)
    life = Circle()
    try:
        amendment = change(birch, life.clause(0), "Sly.", life.now)
        asked = amending.open_round(amendment, by=birch.ada, now=life.now)
        object_to(asked, by=birch.ben, now=life.now)
        votes = life.votes(amendment)

        with pytest.raises(AssertionError):
            life.judge(
                CharterVersion.objects.unsealed(WHY).in_force(birch.cohort), votes
            )
    finally:
        life.teardown()
