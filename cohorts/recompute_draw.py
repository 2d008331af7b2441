"""Checks a draw without trusting anybody.

    python3 recompute_draw.py RECORD FINGERPRINT 'VALUE'

RECORD is the file with the record, FINGERPRINT what was published before the draw and
VALUE the random value of the source that the record names. Needs Python 3, no more.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

if len(sys.argv) != 4:
    sys.exit("Usage: python3 recompute_draw.py RECORD FINGERPRINT 'VALUE'")
path, published, value = sys.argv[1:]
text = Path(path).read_bytes()
found = hashlib.sha256(text).hexdigest()
if found != published.strip().lower():
    sys.exit(f"REFUSED: this record, {found}, is not what was published.")
record, key, step = json.loads(text), value.strip().encode(), 0


def below(bound: int) -> int:
    global step
    while True:
        lot = hmac.digest(key, f"{found}:{step}".encode(), "sha256")[:8]
        step += 1
        if int.from_bytes(lot, "big") < 2**64 - 2**64 % bound:
            return int.from_bytes(lot, "big") % bound


def shuffled(names: list[str]) -> list[str]:
    for i in range(len(names)):
        j = i + below(len(names) - i)
        names[i], names[j] = names[j], names[i]
    return names


point, panel, seated = below(sum(record["weights"])), 0, []
while point >= record["weights"][panel]:
    point, panel = point - record["weights"][panel], panel + 1
people = list(zip(record["numbers"], record["kinds"], strict=True))
for kind, seats in enumerate(record["panels"][panel]):
    seated += shuffled([number for number, its in people if its == kind])[:seats]
print("Drawn:", *sorted(seated))
print("Waiting:", *shuffled([one for one in record["numbers"] if one not in seated]))
