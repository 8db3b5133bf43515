"""What every door works with: the real parts, put together once by `bootstrap`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from galleria.database.connect import Database
from galleria.gallery.retention.service import Policy
from galleria.http.live import Live
from galleria.http.origins import PublicAddress
from galleria.http.sign_on import SignOn
from galleria.storage.contract import Storage

Convert = Callable[[Path, Path], None]
"""Writes the first file again in the format of the second one's extension, in a limited child process.

Raises UnsupportedError when the one cannot become the other.
"""


@dataclass(frozen=True)
class Limits:
    body_bytes: int
    """Of a request that is no upload."""
    upload_bytes: int
    free_disk_bytes: int
    """Left on the disk by an upload; a larger one is refused before it is read."""
    oauth_window_s: int
    """How far a client's clock may be off."""
    token_lifetime_s: int
    input_file_lifetime_s: int
    session_lifetime_s: int = 14 * 24 * 3600
    """How long a sign-in in the browser lasts without use."""


@dataclass(frozen=True)
class InForce:
    """A setting as it may be seen."""

    variable: str
    value: str
    """Of a secret, whether it is set."""
    is_default: bool


@dataclass(frozen=True)
class Parts:
    database: Database
    storage: Storage
    convert: Convert
    public: PublicAddress
    limits: Limits
    can_mail: bool = False
    """Whether there is a mail server that mails go out by."""
    sign_on: SignOn | None = None
    """Where people sign in who do not do so here."""
    keeps: Policy = field(default_factory=Policy)
    """What is kept how long."""
    in_force: tuple[InForce, ...] = ()
    """The settings that the server was started with."""
    live: Live = field(default_factory=Live, compare=False, repr=False)
    """Who waits for news of jobs."""

    @property
    def takes_passwords(self) -> bool:
        """Whether people sign in with a password of this gallery."""
        return self.sign_on is None or self.sign_on.takes_passwords
