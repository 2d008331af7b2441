"""A worker's work on one lottery that stops in the middle of the search, to be killed.

python -m tests.cohorts.lottery_to_kill LOTTERY FILE
"""

import sys
import time
from pathlib import Path
from uuid import UUID

import django


def main(lottery: str, stopped: str) -> None:
    django.setup()
    from cohorts import preparing

    search = preparing.fair_lottery

    def stopping(*args, tell, **kwargs):
        def tell_and_stop(part: float) -> None:
            tell(part)
            Path(stopped).write_text(f"{part}")
            time.sleep(600)

        return search(*args, tell=tell_and_stop, **kwargs)

    preparing.fair_lottery = stopping
    preparing.solve(UUID(lottery))


if __name__ == "__main__":
    main(*sys.argv[1:])
