"""How a charter changes: propose, ask, take objections in, adopt.

permits   who may, and the charter held meanwhile
standing  what a circle has said to a text
rounds    the text before the circle, and each answer
wording   the words of a proposal, from the first to a mended one
drafting  writing together: first lines, their order, what is left out
ending    adopted, withdrawn, taken to a session, taken up again
ticking   what the clock does
"""

from charters.amending.drafting import (
    by_section,
    leave_out,
    move_line,
    move_section,
    put_back,
    write_first,
)
from charters.amending.ending import (
    adopt,
    merged,
    send_to_session,
    take_up_again,
    waiting_for_a_session,
    withdraw,
)
from charters.amending.permits import (
    Change,
    Draft,
    Rewrite,
    Stale,
    State,
    TextChanged,
    fingerprint_of,
    in_force,
    may_steer,
    may_write,
)
from charters.amending.roll import Standing, open_round_of, standing, standings
from charters.amending.rounds import (
    answer,
    extend,
    how_to_decide,
    open_round,
    take_back,
)
from charters.amending.ticking import remind, reminder_moments, settle
from charters.amending.wording import (
    add_clause,
    advice_on,
    ask_for,
    base_anew,
    integrate,
    propose,
    rewrite,
    say,
    use_advice,
)

__all__ = [
    "Change",
    "Draft",
    "Rewrite",
    "Stale",
    "Standing",
    "State",
    "TextChanged",
    "add_clause",
    "adopt",
    "advice_on",
    "answer",
    "ask_for",
    "base_anew",
    "by_section",
    "extend",
    "fingerprint_of",
    "how_to_decide",
    "in_force",
    "integrate",
    "leave_out",
    "may_steer",
    "may_write",
    "merged",
    "move_line",
    "move_section",
    "open_round",
    "open_round_of",
    "propose",
    "put_back",
    "remind",
    "reminder_moments",
    "rewrite",
    "say",
    "send_to_session",
    "settle",
    "standing",
    "standings",
    "take_back",
    "take_up_again",
    "use_advice",
    "waiting_for_a_session",
    "withdraw",
    "write_first",
]
