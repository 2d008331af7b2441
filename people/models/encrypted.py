"""A column of words that rest encrypted; in Python they are a string like any other."""

from __future__ import annotations

from typing import Any

from django.db import models

from people import cipher


class EncryptedTextField(models.TextField):
    """Cannot be searched, compared or sorted by: the database knows no words."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        if value is None:
            return None
        return connection.Database.Binary(cipher.encrypt(str(value)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else cipher.decrypt(bytes(value))
