"""Change the key that secrets are sealed with: seal every stored secret again with the first of the keys, in small steps.

Whatever column is called `..._sealed` holds one. It may be broken off and begun again, and the gallery may run meanwhile, as
long as all its processes know the new key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session

from galleria.database.connect import Database
from galleria.database.vault import Vault, vault_from
from galleria.errors import InvalidError
from galleria.gallery.sealing.answers import BATCH, HOLDERS, Holder, answered, seal_again, sealed_answers
from galleria.gallery.tables import all_tables

_SUFFIX = "_sealed"


@dataclass(frozen=True)
class Resealed:
    sealed_again: int = 0
    current: int = 0
    """Sealed with the first key already."""
    lost: int = 0
    """That no key opens; they are left as they are."""

    def __add__(self, other: Resealed) -> Resealed:
        return Resealed(self.sealed_again + other.sealed_again, self.current + other.current, self.lost + other.lost)


def reseal_all(database: Database, keys: Sequence[str]) -> Resealed:
    """Seal every stored secret with the first key, passwords among old answers that are not sealed at all, too."""
    first, vault = vault_from(keys[:1]), vault_from(keys)
    total = Resealed()
    for column in _columns():
        for batch in _batches(database, column):
            with database.write() as db:
                total = sum((_reseal(db, column, row, first, vault) for row in batch), total)
    for holder in HOLDERS:
        for batch in answered(database, holder):
            with database.write() as db:
                total = sum((_reseal_answers(db, holder, key, first, vault) for key in batch), total)
    return total


def count_by_key(database: Database, keys: Sequence[str]) -> Sequence[int]:
    """Count for each key how many stored secrets it opens."""
    vaults, counts = [vault_from([key]) for key in keys], [0] * len(keys)
    for sealed in _everything(database):
        for place, vault in enumerate(vaults):
            counts[place] += _opens(vault, sealed)
    return counts


def _everything(database: Database) -> Iterator[str]:
    for column in _columns():
        for batch in _batches(database, column):
            yield from (row[0] for row in batch)
    for holder in HOLDERS:
        for batch in answered(database, holder):
            yield from sealed_answers(database, holder, batch)


def _columns() -> Sequence[Column[Any]]:
    return [column for table in all_tables().sorted_tables for column in table.columns if column.name.endswith(_SUFFIX)]


def _batches(database: Database, column: Column[Any]) -> Iterator[Sequence[Any]]:
    """Rows of the secret and its table's key, in that key's order."""
    [key] = column.table.primary_key.columns
    after: Any = None
    while True:
        query = select(column, key).where(column != "").order_by(key).limit(BATCH)
        with database.read() as db:
            rows = db.execute(query if after is None else query.where(key > after)).all()
        if not rows:
            return
        yield rows
        after = rows[-1][1]


def _reseal(db: Session, column: Column[Any], row: Any, first: Vault, vault: Vault) -> Resealed:
    sealed, key_value = row
    table = column.table
    assert isinstance(table, Table)
    [key] = table.primary_key.columns
    found, again = _sealed_again(sealed, first, vault)
    if again != sealed:
        # What somebody changed meanwhile was sealed with the first key by him.
        db.execute(update(table).where(key == key_value, column == sealed).values({column.name: again}))
    return found


def _sealed_again(sealed: str, first: Vault, vault: Vault) -> tuple[Resealed, str]:
    if _opens(first, sealed):
        return Resealed(current=1), sealed
    try:
        return Resealed(sealed_again=1), vault.reseal(sealed)
    except InvalidError:
        return Resealed(lost=1), sealed


def _reseal_answers(db: Session, holder: Holder, key: Any, first: Vault, vault: Vault) -> Resealed:
    total = Resealed()

    def again(sealed: str) -> str:
        nonlocal total
        found, text = _sealed_again(sealed, first, vault)
        total += found
        return text

    newly = seal_again(db, holder, key, first, again)
    return total + Resealed(sealed_again=newly)


def _opens(vault: Vault, sealed: str) -> bool:
    try:
        vault.open(sealed)
    except (InvalidError, UnicodeError):
        return False
    return True
