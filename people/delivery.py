"""Deliver what is due: claim, ask again, write, mark, send.

The database is the queue. A row is claimed for a minute, marked as being sent
*before* the network is touched, and asked after when nobody knows whether it
left. So a worker may die anywhere: nothing is lost, and nothing leaves twice
except where the mail server cannot tell and the notice prefers twice to never;
then it leaves under the same Message-ID.

Whether somebody may still know, still wants to, and is awake is asked at the
moment of sending, so that yesterday's row obeys today's choice.
"""

from __future__ import annotations

import logging
import random
import smtplib
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Max
from django.db.models.functions import Coalesce, Lower

from people import letters
from people.models import (
    AddressStop,
    How,
    OutboxMessage,
    Purpose,
    User,
    When,
    Wish,
    wishes_of,
)
from people.outbox import DIGEST, NOT_WANTED, Notice, asked_again, notice_named
from people.wall_time import next_allowed

log = logging.getLogger(__name__)
State = OutboxMessage.State

LEASE = timedelta(seconds=60)
# Half a lease of work, then what is left goes back for the next turn.
TURN = 30.0
# A worker that waits for a slow mail server is not dead yet.
SLOW_SERVER = timedelta(minutes=2)
BACK_OFF = (1, 2, 4, 8, 16, 32, 60)
LONGEST_TRY = timedelta(hours=24)
POISON = 5
# How long a row stays after its end, and how many go at a time.
SETTLED = {State.SENT, State.FOLDED, State.DROPPED, State.EXPIRED}
KEEP_SETTLED = timedelta(days=30)
# Somebody may still want to know why it never arrived.
FAILED = {State.DEAD, State.UNKNOWN}
KEEP_FAILED = timedelta(days=180)
KEEP_ASKED_AGAIN = timedelta(days=400)
BATCH = 1000
# Several events in this time make one mail.
TOGETHER = timedelta(minutes=30)
# What cannot wait for company: a meeting begins, somebody may be in danger.
NEVER_WAITS = {Purpose.ACCOUNT, Purpose.SESSION, Purpose.CARE}


def database_now() -> datetime:
    """The one clock that counts; workers' own clocks may differ."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def any_due(*, now: datetime) -> bool:
    """Whether `claim` would find something: due, or left behind by a dead worker."""
    return (
        OutboxMessage.objects.due(now).exists()
        or OutboxMessage.objects.left_behind(now).exists()
    )


def deliver_due(*, now: datetime, limit: int = 100) -> int:
    """Send what is due; return how many mails left the house."""
    batch = claim(now=now, limit=limit)
    if not batch:
        return 0
    turn = Turn(now=now, batch=batch)
    return turn.run()


# One statement, since a morning may make a hundred thousand due at one moment. What a
# dead worker left behind comes first. The keys are found before the update is planned,
# each by its partial index, however little PostgreSQL knows of the table yet.
CLAIM = """
WITH lapsed AS MATERIALIZED (
    SELECT id FROM people_outboxmessage
    WHERE state = 'claimed' AND lease_until < %(now)s
    ORDER BY lease_until LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), due AS MATERIALIZED (
    SELECT id FROM people_outboxmessage
    WHERE state = 'planned' AND send_after <= %(now)s
    ORDER BY send_after, id LIMIT %(limit)s - (SELECT count(*) FROM lapsed)
    FOR UPDATE SKIP LOCKED
)
UPDATE people_outboxmessage SET state = 'claimed', lease_until = %(until)s
WHERE id = ANY (ARRAY(SELECT id FROM lapsed) || ARRAY(SELECT id FROM due))
RETURNING *
"""


def claim(*, now: datetime, limit: int = 100) -> list[OutboxMessage]:
    """Take up to `limit` due rows; no other worker gets them for a minute."""
    claimed = list(
        OutboxMessage.objects.raw(
            CLAIM, {"now": now, "limit": limit, "until": now + LEASE}
        )
    )
    people = User.objects.in_bulk({m.recipient_id for m in claimed if m.recipient_id})
    for message in claimed:
        message.recipient = people.get(message.recipient_id)
    return sorted(claimed, key=lambda m: (m.send_after, m.pk))


@dataclass
class Turn:
    """One worker's way through one batch."""

    now: datetime
    batch: list[OutboxMessage]
    mailer: BaseEmailBackend = field(default_factory=get_connection)
    sent: int = 0
    is_server_away: bool = False
    wishes: dict[Any, dict[Purpose, Wish]] = field(default_factory=dict)
    last_mail: dict[Any, datetime] = field(default_factory=dict)
    stopped: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> int:
        began = time.monotonic()
        people = {m.recipient_id for m in self.batch if m.recipient_id}
        self.wishes = wishes_of(people)
        self.last_mail = dict(
            OutboxMessage.objects.filter(
                state=State.SENT, recipient__in=people, sent_at__gt=self.now - TOGETHER
            )
            .values_list("recipient")
            .annotate(Max("sent_at"))
        )
        self.stopped = set(
            AddressStop.objects.annotate(lower=Lower("address"))
            .filter(lower__in={m.address.lower() for m in self.batch if m.address})
            .values_list("lower", "purpose")
        )
        waiting = list(self._letters())
        try:
            while waiting and time.monotonic() - began < TURN:
                self._deliver(waiting.pop(0))
                if self.is_server_away:
                    # Nobody else's turn either; they need no timeout each.
                    for message in (m for messages in waiting for m in messages):
                        _postpone(message, now=self.now)
                    waiting = []
            self._give_back(waiting)
        finally:
            self.mailer.close()
        return self.sent

    def _letters(self) -> Iterator[list[OutboxMessage]]:
        """What is claimed, by reader: several notices at once make one letter."""

        def reader(message: OutboxMessage) -> str:
            alone = (
                message.recipient_id is None
                or message.notice == DIGEST.name
                # Tried before, and perhaps gone: the same words under the same id.
                or message.tries > 0
            )
            return str(message.pk if alone else message.recipient_id)

        order = {reader(m): n for n, m in reversed(list(enumerate(self.batch)))}
        by_reader = sorted(self.batch, key=lambda m: order[reader(m)])
        for _reader, messages in groupby(by_reader, key=reader):
            yield list(messages)

    def _give_back(self, waiting: Iterable[list[OutboxMessage]]) -> None:
        keys = [message.pk for messages in waiting for message in messages]
        OutboxMessage.objects.filter(pk__in=keys, state=State.CLAIMED).update(
            state=State.PLANNED, lease_until=None
        )

    # One letter

    def _deliver(self, messages: list[OutboxMessage]) -> None:
        parts = [part for m in messages if (part := self._judge_and_write(m))]
        if not parts:
            return
        lead = parts[0].message
        is_digest = lead.notice == DIGEST.name
        carried = [part.message for part in parts[1:]]
        if lead.tries:
            parts += self._carried_from_before(lead)
        if is_digest:
            parts = [*parts[1:], *self._held_for(lead)]
            carried = [part.message for part in parts]
            if not parts:
                _settle(lead, State.DROPPED, problem="nothing to tell")
                return
        try:
            with letters.speaking_to(lead):
                mail = letters.letter(lead, parts, digest=is_digest)
        except Exception as error:  # a broken template must not stop the others
            self._fault(lead, error)
            self._give_back([carried])
            return
        if lead.tries and self._has_left(lead):
            self._mark_sent(lead)
            return
        if not self._open(lead, carried):
            return
        if not self._mark_sending(lead, carried):
            return
        self._send(lead, mail)

    def _judge_and_write(self, message: OutboxMessage) -> letters.Part | None:
        """The words of a message, if it shall go out now; else its new state."""
        try:
            notice = notice_named(message.notice)
        except KeyError:
            _settle(message, State.DEAD, problem="no such notice")
            return None
        if message.not_after is not None and message.not_after < self.now:
            _settle(message, State.EXPIRED, problem="too late to be of use")
            return None
        if not self._is_wanted(message, notice):
            return None
        return self._write(message, notice)

    def _write(self, message: OutboxMessage, notice: Notice) -> letters.Part | None:
        try:
            with letters.speaking_to(message), transaction.atomic():
                about = notice.find(message.recipient, message.about_id)  # type: ignore[arg-type]
                if about is None:
                    _settle(
                        message,
                        State.DROPPED,
                        was=State(message.state),
                        problem="no longer theirs to know",
                    )
                    return None
                if notice is DIGEST:
                    return letters.Part(
                        message=message,
                        notice=notice,
                        subject="",
                        text="",
                        reason=str(notice.reason),
                    )
                return letters.part_of(message, notice, about)
        except Exception as error:
            self._fault(message, error)
            return None

    def _is_wanted(self, message: OutboxMessage, notice: Notice) -> bool:
        person = message.recipient
        if person is None:
            if (message.address.lower(), notice.purpose) in self.stopped:
                # Stop means stop; but somebody may have to be told in another way.
                state = State.DEAD if notice.told_otherwise else State.DROPPED
                _settle(message, state, problem=NOT_WANTED)
                return False
            return True
        if not person.is_active:
            _settle(message, State.DROPPED, problem="the account is closed")
            return False
        if notice is DIGEST:
            return self._is_time(message, person, Wish(How.MAIL, When.NOW))
        wish = self.wishes[person.pk][Purpose(notice.purpose)]
        if wish.how == How.NONE:
            _settle(message, State.DROPPED, problem=NOT_WANTED)
            return False
        if wish.when in (When.DAY, When.WEEK):
            _settle(message, State.HELD)
            return False
        return self._is_time(message, person, wish) and self._need_not_wait(
            message, notice
        )

    def _is_time(self, message: OutboxMessage, person: User, wish: Wish) -> bool:
        """Whether this person is awake; else the message moves, or has no use."""
        if wish.when == When.ALWAYS:
            return True
        moment = next_allowed(
            self.now,
            person.timezone,
            quiet_from=person.quiet_from,
            quiet_until=person.quiet_until,
            day_off=person.day_off,
            not_after=message.not_after,
        )
        if moment is None:
            # Nothing is lost: what waits stands on Today.
            _settle(message, State.EXPIRED, problem="quiet hours until too late")
            return False
        if moment > self.now:
            _settle(message, State.PLANNED, send_after=moment)
            return False
        return True

    def _need_not_wait(self, message: OutboxMessage, notice: Notice) -> bool:
        """Several events in half an hour make one mail: the later ones wait."""
        last = self.last_mail.get(message.recipient_id)
        if last is None or notice.purpose in NEVER_WAITS or message.tries:
            return True
        moment = last + TOGETHER
        if moment <= self.now or (message.not_after and message.not_after < moment):
            return True
        _settle(message, State.PLANNED, send_after=moment)
        return False

    def _carried_from_before(self, lead: OutboxMessage) -> list[letters.Part]:
        """What travelled in this letter when it was tried before."""
        return self._still_wanted(
            OutboxMessage.objects.filter(state=State.HELD, folded_into=lead)
        )

    def _held_for(self, lead: OutboxMessage) -> list[letters.Part]:
        """What was held for the digest, thanks first, then the oldest."""
        parts = self._still_wanted(OutboxMessage.objects.held_for(lead.recipient_id))
        return sorted(parts, key=lambda part: part.notice.purpose != Purpose.THANKS)

    def _still_wanted(self, held: Any) -> list[letters.Part]:
        parts = []
        for message in held.select_related("recipient").order_by("created_at", "pk"):
            try:
                notice = notice_named(message.notice)
            except KeyError:
                _settle(message, State.DEAD, was=State.HELD, problem="no such notice")
                continue
            wish = self.wishes[message.recipient_id][Purpose(notice.purpose)]
            if message.not_after is not None and message.not_after < self.now:
                _settle(message, State.EXPIRED, was=State.HELD)
            elif wish.how == How.NONE:
                _settle(message, State.DROPPED, was=State.HELD, problem=NOT_WANTED)
            elif part := self._write(message, notice):
                parts.append(part)
        return parts

    # The network

    def _open(self, lead: OutboxMessage, carried: list[OutboxMessage]) -> bool:
        """Reach the mail server; when nobody answers, nothing can have left."""
        try:
            self.mailer.open()
        except Exception as error:
            log.warning("outbox: no mail server: %s", _name(error))
            self.is_server_away = True
            _postpone(lead, now=self.now)
            for message in carried:
                _postpone(message, now=self.now)
            return False
        return True

    def _mark_sending(self, lead: OutboxMessage, carried: list[OutboxMessage]) -> bool:
        """Committed before the network is touched; False if the lease was lost."""
        with transaction.atomic():
            marked = OutboxMessage.objects.filter(
                pk=lead.pk, state=State.CLAIMED, lease_until=lead.lease_until
            ).update(
                state=State.SENDING,
                lease_until=self.now + LEASE,
                first_tried_at=lead.first_tried_at or self.now,
            )
            if marked:
                OutboxMessage.objects.filter(
                    pk__in=[message.pk for message in carried],
                    state__in=(State.CLAIMED, State.HELD),
                ).update(state=State.HELD, folded_into=lead, lease_until=None)
        return bool(marked)

    def _send(self, lead: OutboxMessage, mail: Any) -> None:
        mail.connection = self.mailer
        try:
            self.mailer.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _text in error.recipients.values()}
            if all(code >= 500 for code in codes):
                _settle(lead, State.DEAD, was=State.SENDING, problem="address refused")
                _let_go(lead)
            else:
                self._retry(lead, error)
        except (
            smtplib.SMTPResponseException,
            smtplib.SMTPNotSupportedError,
            ConnectionRefusedError,
            socket.gaierror,
        ) as error:
            self._retry(lead, error)  # the server said no: nothing left
        except Exception as error:
            self.mailer.close()
            self._wonder(lead, error)
        else:
            self._mark_sent(lead)

    def _mark_sent(self, lead: OutboxMessage) -> None:
        _mark_sent(lead, now=self.now)
        if lead.recipient_id:
            self.last_mail[lead.recipient_id] = self.now
        self.sent += 1

    def _has_left(self, lead: OutboxMessage) -> bool:
        return has_left(self.mailer, lead) is True

    def _wonder(self, lead: OutboxMessage, error: Exception) -> None:
        """Nobody knows whether it left. Look; if that is no help, as it prefers."""
        log.warning("outbox %s: unknown outcome: %s", lead.pk, type(error).__name__)
        if self._has_left(lead):
            self._mark_sent(lead)
        elif notice_named(lead.notice).on_unknown == "hold":
            _settle(lead, State.UNKNOWN, was=State.SENDING, problem=_name(error))
        else:
            self._retry(lead, error)

    def _retry(self, message: OutboxMessage, error: Exception) -> None:
        _retry(message, now=self.now, problem=_name(error))

    def _fault(self, message: OutboxMessage, error: Exception) -> None:
        """It could not be written: its own fault, so it dies after a few times."""
        if isinstance(error, DatabaseError) and not connection.is_usable():
            raise error
        log.warning("outbox %s: cannot be written: %s", message.pk, _name(error))
        message.faults += 1
        OutboxMessage.objects.filter(pk=message.pk).update(faults=message.faults)
        if message.faults >= POISON:
            _settle(message, State.DEAD, was=None, problem=_name(error))
            _let_go(message)
        elif message.state != State.HELD:
            _retry(message, now=self.now, problem=_name(error))


# The rest of a row's life


def sweep_stale(*, now: datetime) -> int:
    """Rows left half sent by a worker that died: look, then decide.

    Returns how many were settled.
    """
    mailer = get_connection()
    settled = 0
    with transaction.atomic():
        stale = (
            OutboxMessage.objects.filter(
                state=State.SENDING, lease_until__lt=now - SLOW_SERVER
            )
            .select_for_update(skip_locked=True)
            .order_by("pk")
        )
        for message in stale:
            settled += 1
            if has_left(mailer, message):
                _mark_sent(message, now=now)
            elif _on_unknown(message) == "hold":
                _settle(message, State.UNKNOWN, was=State.SENDING, problem="cut off")
            else:
                _retry(message, now=now, problem="cut off")
        # What travelled in a letter that never left goes on by itself.
        settled += OutboxMessage.objects.filter(
            state=State.HELD,
            folded_into__state__in=(State.DEAD, State.EXPIRED, State.DROPPED),
        ).update(state=State.PLANNED, folded_into=None)
        settled += OutboxMessage.objects.filter(
            state=State.HELD, folded_into__state=State.SENT
        ).update(state=State.FOLDED, sent_at=now)
    return settled


def prune(*, now: datetime) -> int:
    """Drop rows that have come to their end, some time after; return how many.

    A row also keeps its message from being said twice. So it outlives every plan
    that could ask for it again: what a clock asks for anew at each tick stays a year.
    """
    over: list[tuple[set[State], timedelta]] = [
        (SETTLED, KEEP_SETTLED),
        (FAILED, KEEP_FAILED),
    ]
    dropped = 0
    for states, keep in over:
        old = (
            OutboxMessage.objects.filter(state__in=states)
            .annotate(ended_at=Coalesce("sent_at", "send_after"))
            .filter(ended_at__lt=now - keep)
            .exclude(notice__in=asked_again(), ended_at__gte=now - KEEP_ASKED_AGAIN)
            # What travelled in a letter still looks at it: `sweep_stale` comes first.
            .exclude(pk__in=_travelling().values("folded_into"))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        while keys := list(old[:BATCH]):
            OutboxMessage.objects.filter(pk__in=keys).delete()
            dropped += len(keys)
    return dropped


def _travelling() -> Any:
    return OutboxMessage.objects.filter(state=State.HELD).exclude(folded_into=None)


def has_left(mailer: Any, message: OutboxMessage) -> bool | None:
    """Ask the mail server about a message, where it can be asked.

    A mail backend that can look says so with `has_sent(message_id)`. None: it
    cannot tell.
    """
    look = getattr(mailer, "has_sent", None)
    return look(letters.message_id(message)) if look else None


def _on_unknown(message: OutboxMessage) -> str:
    try:
        return notice_named(message.notice).on_unknown
    except KeyError:
        return "hold"


def _mark_sent(lead: OutboxMessage, *, now: datetime) -> None:
    with transaction.atomic():
        OutboxMessage.objects.filter(pk=lead.pk).exclude(state=State.SENT).update(
            state=State.SENT, sent_at=now, lease_until=None, problem=""
        )
        OutboxMessage.objects.filter(state=State.HELD, folded_into=lead).update(
            state=State.FOLDED, sent_at=now
        )


def _retry(message: OutboxMessage, *, now: datetime, problem: str) -> None:
    """Again after 1, 2, 4 … 60 minutes, until it is of no use, or for a day."""
    tries = message.tries + 1
    first = message.first_tried_at or now
    wait = timedelta(minutes=BACK_OFF[min(tries, len(BACK_OFF)) - 1])
    # Jitter from the row itself, so that a replay waits as long.
    wait *= 1 + random.Random(f"{message.pk}:{tries}").random() / 4
    again = now + wait
    last = message.not_after or first + LONGEST_TRY
    if again > last:
        _settle(message, State.EXPIRED, was=None, problem=problem)
        _let_go(message)
        return
    OutboxMessage.objects.filter(pk=message.pk).update(
        state=State.PLANNED,
        send_after=again,
        lease_until=None,
        tries=F("tries") + 1,
        first_tried_at=first,
        problem=problem,
    )


def _postpone(message: OutboxMessage, *, now: datetime) -> None:
    """No mail server answers: try in a minute or two, no fault of the message."""
    first = message.first_tried_at or now
    wait = timedelta(seconds=60 + random.Random(str(message.pk)).random() * 60)
    if now + wait > (message.not_after or first + LONGEST_TRY):
        _settle(message, State.EXPIRED, was=None, problem="no mail server")
        _let_go(message)
        return
    OutboxMessage.objects.filter(
        pk=message.pk, state__in=(State.CLAIMED, State.HELD)
    ).update(
        state=State.PLANNED,
        folded_into=None,
        send_after=now + wait,
        first_tried_at=first,
        lease_until=None,
        problem="no mail server",
    )


def _settle(
    message: OutboxMessage,
    state: OutboxMessage.State,
    *,
    was: OutboxMessage.State | None = State.CLAIMED,
    problem: str = "",
    send_after: datetime | None = None,
) -> None:
    """The row's new state, unless another worker has taken it meanwhile."""
    row = OutboxMessage.objects.filter(pk=message.pk)
    if was is not None:
        row = row.filter(state=was)
        if was == State.CLAIMED:
            row = row.filter(lease_until=message.lease_until)
    values: dict[str, Any] = {"state": state, "lease_until": None, "problem": problem}
    if send_after is not None:
        values["send_after"] = send_after
    row.update(**values)


def _let_go(lead: OutboxMessage) -> None:
    """What travelled in a letter that will never leave goes on by itself."""
    OutboxMessage.objects.filter(state=State.HELD, folded_into=lead).update(
        state=State.PLANNED, folded_into=None
    )


def _name(error: Exception) -> str:
    # The kind of trouble, never its text: that may quote an address or a line.
    return type(error).__name__
