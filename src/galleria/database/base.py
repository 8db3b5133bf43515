"""What every table shares: names of constraints, ids, times in UTC."""

import os
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID_LENGTH = 24


def new_id() -> str:
    """Make a public id: 24 lower-case hex digits, the first 8 of them the time in seconds, so that ids of a day lie together."""
    return f"{int(time.time()) & 0xFFFFFFFF:08x}{os.urandom(8).hex()}"


def now() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC on our side; SQLite keeps it as text without zone, PostgreSQL as `timestamptz`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone; give it in UTC")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = String(ID_LENGTH)
Sequence = BigInteger().with_variant(Integer(), "sqlite")
"""A growing number: SQLite counts up by itself only in a column of this very type."""
Json = JSON(none_as_null=True)


def words(kind: type[StrEnum], name: str) -> Enum:
    """Give a column type that stores an enum's values (not its names) as text, checked by a constraint."""

    def values(_: object) -> list[str]:
        return [member.value for member in kind]

    return Enum(kind, native_enum=False, length=20, create_constraint=True, name=name, values_callable=values)


class Record(DeclarativeBase):
    """The parent of every table's class."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json}
