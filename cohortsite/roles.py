"""Who the database lets do what.

| role     | may                                                                      |
|----------|--------------------------------------------------------------------------|
| `owner`  | owns the tables and migrates them                                        |
| `web`    | reads and writes rows; may put on `funder` for one request               |
| `worker` | reads and writes rows                                                    |
| `funder` | reads the tables of models that say `funder_may_read = True`, no others  |

None of them is a superuser, none but `owner` owns anything, and none may pass
row-level security by. A process that serves pages never holds more than `web`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from psycopg import sql

OWNER, WEB, WORKER, FUNDER = "owner", "web", "worker", "funder"
LOGINS = (OWNER, WEB, WORKER)
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")

# A page waits for nobody long, and holds no lock while it thinks.
LIMITS = {
    WEB: {
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "30s",
    },
    WORKER: {
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "5min",
    },
}


class MayNotMakeRoles(Exception):
    """The login in DATABASE_URL lacks a right; the message says which."""


def create(*, passwords: Mapping[str, str]) -> None:
    """Make the roles, what they may do from now on, and the extensions. Idempotent."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Two starts at once make the roles one after the other.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('cohortsite roles'))")
            for statement in _statements(passwords):
                cursor.execute(statement)
    except ProgrammingError as error:
        user, database = connection.settings_dict["USER"], _database()
        raise MayNotMakeRoles(
            f"The login {user!r} may not make the roles that Cohortsite runs as "
            f"({', '.join((*LOGINS, FUNDER))}) in the database {database!r}: {error}"
            f"It needs CREATEROLE and to own the database; or a superuser runs "
            f"`manage.py roles` once."
        ) from error


def _statements(passwords: Mapping[str, str]) -> Iterator[sql.Composable]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        known = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user"
        )
        me, superuser = cursor.fetchone()
        cursor.execute("SELECT extname FROM pg_extension")
        installed = {name for (name,) in cursor.fetchall()}

    for role in (*LOGINS, FUNDER):
        if role not in known:
            login = "LOGIN" if role in LOGINS else "NOLOGIN"
            # NOINHERIT: being allowed to put on `funder` is not being it.
            yield _sql(f"CREATE ROLE {{}} {login} NOINHERIT", role)
        if passwords.get(role):
            yield sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(passwords[role])
            )
    for role, limits in LIMITS.items():
        for name, value in limits.items():
            yield sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
            )
    yield _sql("GRANT {} TO {}", FUNDER, WEB)
    if not superuser:
        # Whoever made the roles must put them on: to migrate, and to be `web`.
        for role in LOGINS:
            yield _sql("GRANT {} TO {}", role, me)

    everyone = (*LOGINS, FUNDER)
    yield _sql("GRANT CREATE ON DATABASE {} TO {}", _database(), OWNER)
    yield _sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for role in everyone:
        yield _sql("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", _database(), role)
        yield _sql("GRANT USAGE ON SCHEMA public TO {}", role)
    yield _sql("ALTER SCHEMA public OWNER TO {}", OWNER)
    for extension in EXTENSIONS:
        if extension not in installed:
            yield _sql("CREATE EXTENSION {}", extension)

    rows = "SELECT, INSERT, UPDATE, DELETE"
    for role in (WEB, WORKER):
        for future in (f"{rows} ON TABLES", "USAGE, SELECT ON SEQUENCES"):
            yield _sql(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public "
                f"GRANT {future} TO {{}}",
                OWNER,
                role,
            )


@contextmanager
def acting_as_owner() -> Iterator[None]:
    """What is created inside belongs to `owner`, whoever is connected."""
    with connection.cursor() as cursor:
        cursor.execute(_sql("SET ROLE {}", OWNER))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@transaction.atomic
def show_funders_what_they_may_read() -> list[str]:
    """Grant `funder` the tables meant for it, and take every other away again."""
    with acting_as_owner(), connection.cursor() as cursor:
        tables = [
            model._meta.db_table
            for model in apps.get_models()
            if getattr(model, "funder_may_read", False)
        ]
        there = set(connection.introspection.table_names(cursor))
        cursor.execute(
            _sql("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", FUNDER)
        )
        granted = [table for table in tables if table in there]
        for table in granted:
            cursor.execute(_sql("GRANT SELECT ON {} TO {}", table, FUNDER))
    return granted


def as_role(url: str, role: str) -> str:
    """`url`, for a login that puts on `role` as soon as it is in.

    For a database where somebody else hands out the logins. The limits travel in
    the address, since settings of a role count only for its own login.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    settings = {"role": role, **LIMITS.get(role, {})}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    query["options"] = f"{query.get('options', '')} {options}".strip()
    # Percent signs for spaces: libpq does not read a plus as one.
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def _database() -> str:
    return connection.settings_dict["NAME"]


def _sql(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
