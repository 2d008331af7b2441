"""The platform on one machine: its own PostgreSQL and Valkey, started and stopped.

For `manage.py up` and the tests only; production brings its own servers.
"""


class Trouble(Exception):
    """Something is in the way. The message says what, and what to do about it."""
