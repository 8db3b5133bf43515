"""Keeps key pairs of another server, from a file that its owner wrote: CSV or JSON of who, key and secret.

No API tells a key's secret, so the file is the only way for yesterday's clients to go on working.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from galleria.errors import GalleriaError, InvalidError, NotFoundError
from galleria.gallery.bringing.notes import Move
from galleria.gallery.keys.service import Pair, has_studio_keys, has_user_keys, set_studio_keys, set_user_keys
from galleria.gallery.users.service import find_by_email

_WHO = ("who", "email", "e-mail", "studio", "name", "user")
_KEY = ("key", "api key", "apikey", "api_key", "access key")
_SECRET = ("secret", "api secret", "apisecret", "api_secret", "access secret")
_LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class KeyOf:
    who: str
    """An e-mail, or the id or name of a studio."""
    pair: Pair = field(repr=False)


@dataclass(frozen=True)
class KeyLine:
    who: str
    is_kept: bool
    reason: str = ""
    """Why not; or that it was so before."""


def read_keys(path: Path) -> Sequence[KeyOf]:
    """Read a file of keys. Raises InvalidError naming the line, never what it holds."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidError(f"{path} is too large for a file of keys")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{path} cannot be read as text: {type(error).__name__}") from error
    rows = _json_rows(path, text) if text.lstrip().startswith(("[", "{")) else _csv_rows(path, text)
    return [_key_of(path, number, row) for number, row in enumerate(rows, 1)]


def _csv_rows(path: Path, text: str) -> list[dict[str, str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text), strict=True) if any(cell.strip() for cell in row)]
    except csv.Error:
        raise InvalidError(f"{path} is no CSV file: who, key, secret on each line") from None
    if not rows:
        return []
    head = [cell.strip().lower() for cell in rows[0]]
    if any(name in _SECRET for name in head):
        return [dict(zip(head, row, strict=False)) for row in rows[1:]]
    return [dict(zip(("who", "key", "secret"), row, strict=False)) for row in rows]


def _json_rows(path: Path, text: str) -> list[dict[str, str]]:
    try:
        read: object = json.loads(text)
    except (ValueError, RecursionError):
        # The error's own text could quote a secret.
        raise InvalidError(f'{path} is no JSON: [{{"who": ..., "key": ..., "secret": ...}}]') from None
    entries = cast("list[object]", read if isinstance(read, list) else [read])
    if not all(isinstance(entry, dict) for entry in entries):
        raise InvalidError(f'{path} holds something else than objects with "who", "key" and "secret"')
    return [{str(name).strip().lower(): str(value) for name, value in cast("dict[str, object]", entry).items()} for entry in entries]


def _key_of(path: Path, number: int, row: Mapping[str, str]) -> KeyOf:
    who, key, secret = (_first(row, names) for names in (_WHO, _KEY, _SECRET))
    if not (who and key and secret):
        raise InvalidError(f"{path}: entry {number} lacks who, key or secret")
    return KeyOf(who, Pair(key, secret))


def _first(row: Mapping[str, str], names: Sequence[str]) -> str:
    return next((value for name in names if (value := (row.get(name) or "").strip())), "")


def keep_keys(move: Move, wanted: Sequence[KeyOf], studios: Mapping[str, Sequence[str]], emails: Mapping[str, str]) -> Iterator[KeyLine]:
    """Give users and studios the pairs that they had.

    `studios` gives our ids by name in lower case, and by id there; `emails` our user's id by e-mail there in lower case.
    """
    for one in wanted:
        try:
            is_changed = _keep(move, one, studios, emails)
            yield KeyLine(one.who, True, "" if is_changed else "as before")
        except GalleriaError as error:
            yield KeyLine(one.who, False, error.message)


def _keep(move: Move, one: KeyOf, studios: Mapping[str, Sequence[str]], emails: Mapping[str, str]) -> bool:
    """Say whether anything had to change."""
    with move.database.write() as db:
        user_id = _user_id(db, one.who, emails)
        if user_id:
            if has_user_keys(db, move.actor, user_id, one.pair):
                return False
            set_user_keys(db, move.actor, user_id, one.pair)
            return True
        found = studios.get(one.who) or studios.get(one.who.lower(), ())
        if len(found) != 1:
            raise NotFoundError("several studios have that name; give the studio's id" if found else "no user and no studio is called that")
        if has_studio_keys(db, move.actor, found[0], one.pair):
            return False
        set_studio_keys(db, move.actor, found[0], one.pair)
        return True


def _user_id(db: Any, who: str, emails: Mapping[str, str]) -> str | None:
    if "@" not in who:
        return None
    mapped = emails.get(who.lower())
    if mapped:
        return mapped
    user = find_by_email(db, who)
    return user.id if user else None
