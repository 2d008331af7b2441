"""Many new rows at once, as PostgreSQL likes to be given them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, models
from psycopg import sql


def pour(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model by COPY, in the transaction under way.

    The same rows as `bulk_create` writes, for a fraction of its work: thousands of
    lines of a file become tens of thousands of rows. A row that a constraint
    refuses raises IntegrityError, and none is written. No signals are sent.
    """
    if not rows:
        return
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if not field.generated]
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(meta.db_table),
        sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields]),
    )
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(into) as copy,  # type: ignore[attr-defined]
    ):
        for row in rows:
            copy.write_row(
                [
                    field.get_db_prep_save(field.pre_save(row, True), connection)
                    for field in fields
                ]
            )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
