"""What a worker is and what its runs may use, as the settings say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from galleria.gallery.jobs.dispatch import LEASE_S, MOST_ATTEMPTS, Worker
from galleria.gallery.retention.service import Policy
from galleria.worker.mail import MailServer


@dataclass(frozen=True)
class Options:
    worker: Worker
    slots: int
    """Jobs at once."""
    folder: Path
    """Where the folders of running jobs lie; several workers may share it."""
    lease_s: float = LEASE_S
    most_attempts: int = MOST_ATTEMPTS
    time_limit_s: float = 24 * 3600
    """Of jobs that bring none of their own."""
    memory_limit_bytes: int | None = None
    """Of one run with all that it starts; None: no limit."""
    disk_limit_bytes: int | None = None
    """Of one job's folder; None: no limit."""
    allowed_roots: tuple[Path, ...] = ()
    """What every run may read and write beside its own folder."""
    allowed_private_addresses: tuple[str, ...] = ()
    is_unrestricted: bool = False
    """Runs may start programs and send mail, with the rights of the worker."""
    formula_addins: Path | None = None
    """A folder with functions that every formula knows."""
    gallery_url: str = ""
    """Where people see the gallery, for links in mails and webhooks; empty: no links."""
    webhook_addresses: tuple[str, ...] = ()
    """Hosts (`127.0.0.1:9000`) or networks that webhooks may call although they are loopback, link-local or private."""
    mail: MailServer | None = None
    """None: no mail is sent."""
    path_maps: tuple[str, ...] = ()
    """As `connecting.maps` reads them: folders of authors' networks that runs find here."""
    data_sources: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Connection strings by the name that workflows give as `DSN=`."""
    drain_s: float = 30.0
    """How long a worker that is told to end lets its jobs go on; what runs then is given back."""
    keeps: Policy = field(default_factory=Policy)
    """What is kept how long."""
