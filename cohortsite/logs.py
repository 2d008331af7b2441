"""What may stand in a log file: what happened, and nothing that people wrote."""

import logging
import re

# PostgreSQL tells the whole row that it refused, and the driver passes that on.
ROW = re.compile(
    r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)"
    r"|\nTraceback \(most recent call last\)|\Z)",
    re.DOTALL,
)


class Discreet(logging.Formatter):
    """Leaves out the values of rows that errors of the database bring along."""

    def format(self, record: logging.LogRecord) -> str:
        return ROW.sub("DETAIL: (left out)", super().format(record))
