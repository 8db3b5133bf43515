"""What a run knows of databases: the connections that it was given, and how it reaches a server."""

import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from galleria.errors import InvalidError

Connect = Callable[[str, int, float], socket.socket]
"""Connects to host and port within so many seconds; raises ForbiddenError where the address is refused, else OSError."""


@dataclass(frozen=True)
class Account:
    """With which a run logs in where a connection that it was given names no user."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Databases:
    connections: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Connection strings with their passwords, by name and by id, in small letters."""
    sources: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """As `connections`, by the name that documents give as `DSN=`."""
    account: Account | None = None
    strange: frozenset[str] = field(default=frozenset(), repr=False)
    """Those of the connection strings that the account is not told to: somebody keeps them who may not know its password."""
    connect: Connect | None = None
    """The only way out of a fenced run; None: drivers connect by themselves."""


def connections_of(pairs: Mapping[str, str]) -> dict[str, str]:
    """Give connection strings by name as `Databases` wants them."""
    return {name.strip().casefold(): text.strip() for name, text in pairs.items()}


def read_pairs(texts: Iterable[str], what: str) -> dict[str, str]:
    """Read texts of the form NAME=CONNECTION STRING, as `connections_of` gives them; raises InvalidError, which repeats no text."""
    pairs = [text.partition("=") for text in texts]
    if any(not name.strip() or not text.strip() for name, _, text in pairs):
        raise InvalidError(f"{what} is written NAME=CONNECTION STRING")
    return connections_of({name: text for name, _, text in pairs})
