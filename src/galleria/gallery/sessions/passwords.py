"""Passwords, hashed with Argon2id."""

from functools import cache

from pwdlib import PasswordHash

from galleria.errors import InvalidError

SHORTEST = 8
_LONGEST = 1024


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's password")


def hash_password(password: str) -> str:
    """Takes some 50 ms on purpose: not to be done inside a transaction."""
    if len(password) < SHORTEST:
        raise InvalidError(f"a password has {SHORTEST} characters or more")
    if len(password) > _LONGEST:
        raise InvalidError(f"a password has {_LONGEST} characters at most")
    return _hasher().hash(password)


def fits(password: str, hashed: str | None) -> bool:
    """Say whether it is the password; takes as long for a user who has none or does not exist."""
    is_right = _hasher().verify(password[:_LONGEST], hashed or _nobodys_hash())
    return is_right and hashed is not None
