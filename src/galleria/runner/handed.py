"""What this run was given to log in with: opened before its fence goes up, so that nothing of it is left for the workflow to find."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from galleria.connecting.known import Account, Connect, Databases

SEALED = "connections.sealed"
"""A file in the job folder, which the process that runs the job opens with a key of its own and removes."""

_current: list[Databases] = []


def enter(folder: Path, key: str) -> None:
    """Open what was sealed for this process, once, after the fork; without a key there is nothing."""
    _current.clear()
    if not key:
        return
    # Imported here: most runs are given nothing, and its library is large.
    from cryptography.fernet import Fernet

    path = folder / SEALED
    content = json.loads(Fernet(key.encode("ascii")).decrypt(path.read_bytes()))
    path.unlink()
    account = None if content["account"] is None else Account(content["account"]["user_name"], content["account"]["password"])
    _current.append(Databases(content["connections"], content["sources"], account, frozenset(content["strange"])))


def databases(connect: Connect) -> Databases:
    """What was given, and `connect` as the only way out."""
    return replace(_current[0] if _current else Databases(), connect=connect)
