"""What may stand in a log file: what happened, and nothing that people wrote."""

import logging
import re

# PostgreSQL tells the whole row that it refused, and the driver passes that on.
ROW = re.compile(
    r"DETAIL:.*?(?=\n\n(?:The above exception|During handling)"
    r"|\nTraceback \(most recent call last\)|\Z)",
    re.DOTALL,
)

# Whoever holds one of these addresses may answer, read or join in somebody's name.
# A page not found, or a form without its token, is logged by its address.
SECRET = re.compile(
    r"(/(?:answer|apply/reply|apply/resume|calendar|evidence/shared|invite"
    r"|mailbox|promises/kept|stop|will-you-come)/)[^/\s]+"
)


class Discreet(logging.Formatter):
    """Leaves out the values of rows that errors of the database bring along, and the
    secrets of links."""

    def format(self, record: logging.LogRecord) -> str:
        written = ROW.sub("DETAIL: (left out)", super().format(record))
        return SECRET.sub(r"\1(left out)", written)
