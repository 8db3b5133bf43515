"""Every setting: `GALLERIA_` and its name in capitals, from the environment or a `.env` file in the working folder."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from galleria.connecting.known import read_pairs
from galleria.errors import InvalidError

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

Listed = Annotated[tuple[str, ...], NoDecode]
"""Several values, separated by commas."""


def _default_data_dir() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "galleria"


class Settings(BaseSettings):
    """What an administrator decides before the start; what he decides while it runs lies in the database."""

    model_config = SettingsConfigDict(
        env_prefix="GALLERIA_", env_file=".env", extra="ignore", frozen=True, use_attribute_docstrings=True, env_ignore_empty=True
    )

    # Where things are
    data_dir: Path = Field(default_factory=_default_data_dir)
    """The folder below which everything lies that no other setting places elsewhere."""
    database_url: Annotated[str, Field(repr=False)] = ""
    """`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`; empty: `galleria.sqlite` in `data_dir`."""
    database_connections: Annotated[int, Field(ge=1, le=1000)] = 10
    """Connections that one process keeps open; as many again for a moment under load."""
    sqlite_waits_for_disk: bool = False
    """Whether SQLite answers only when a loss of power cannot undo it; costs some milliseconds a change. PostgreSQL always does.

    Without it a loss of power may undo the last moments' changes, never less than whole ones; the death of processes undoes nothing.
    """
    storage_url: str = ""
    """Where packages, inputs and outputs lie: `file:///FOLDER`, or `s3://BUCKET/PATH` with the usual variables (`AWS_REGION`,
    `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL`); empty: the folder `storage` in `data_dir`."""
    jobs_dir: Path | None = None
    """Where a worker keeps the folders of running jobs; default `jobs` in `data_dir`. Best on a fast local disk."""

    # The server
    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` for all of them."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0: any free port."""
    base_url: str = ""
    """The gallery's address as clients type it, `https://example.com/gallery`, which is what they sign; empty: from host and port."""
    trusted_proxies: Listed = ()
    """Addresses or networks of proxies whose `X-Forwarded-*` headers are believed, separated by commas."""
    compatibility: Literal["", "2019.1"] = ""
    """`2019.1` leaves `isE2`, `runWithE2` and `amp` out of the classic answers, for clients that refuse what came later."""
    metrics: bool = True
    """Whether `/metrics` answers, in the format of Prometheus."""
    metrics_token: SecretStr = SecretStr("")
    """What `/metrics` wants to see as `Authorization: Bearer`; empty: only programs on this machine are answered, by its own name."""
    access_log: bool = False
    """Whether each request is a line of the log: method, path without its query, status, milliseconds, user, request id."""

    # Secrets
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Keys that secrets in the database are sealed with, separated by commas: the first seals, all open. Empty: `secret_key_file`."""
    secret_key_file: Path | None = None
    """A file with one key a line, made at the first use and readable by its owner only; default `secret.key` in `data_dir`. What
    follows a `#` is a remark. `galleria keys` changes keys."""

    # Requests
    upload_limit_bytes: Annotated[int, Field(ge=1)] = 1 * GIB
    """The largest package that can be published, or input file that can be uploaded."""
    body_limit_bytes: Annotated[int, Field(ge=1)] = 10 * MIB
    """The largest request that is no upload."""
    oauth_window_s: Annotated[int, Field(ge=1)] = 300
    """How far the time of a signed request may lie from the server's, before or after; nonces are remembered that long."""
    token_lifetime_s: Annotated[int, Field(ge=60)] = 24 * 3600
    """How long a bearer token of the Web API holds. Some clients never ask for a second one."""
    session_lifetime_s: Annotated[int, Field(ge=60)] = 14 * 24 * 3600
    """How long a sign-in in the browser lasts without use."""
    input_file_lifetime_s: Annotated[int, Field(ge=60)] = 24 * 3600
    """How long an uploaded input file is kept for the job that is to read it."""

    # Signing in elsewhere, with OpenID Connect; takes the extra `sso`
    oidc_issuer: str = ""
    """The provider's address as its tokens name it; empty: people sign in here only. At the provider, this gallery is the client
    whose redirect address is the gallery's with `/sso/callback` behind it."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    """Empty for a public client."""
    oidc_name: str = "single sign-on"
    """As the button says: "Sign in with ..."."""
    oidc_scopes: str = "openid email profile"
    oidc_claim: str = "groups"
    """The claim whose values give roles and groups; dots lead into objects: `realm_access.roles`."""
    oidc_roles: Listed = ()
    """Roles by the claim's values, with commas between: `gallery-admins=Curator,analysts=Artisan`; empty: roles are given here."""
    oidc_groups: Listed = ()
    """Groups of the gallery by the claim's values, likewise; made where they are missing, and left when the value goes."""
    oidc_role: Literal["NoAccess", "Viewer", "Member", "Artisan", "Curator", "Evaluated"] = "Evaluated"
    """The role of those who are made at their first sign-in, and, where `oidc_roles` are given, of those whom none of them fits."""
    oidc_makes_users: bool = True
    """Whether somebody who is unknown here becomes a user when he first signs in."""
    password_sign_in: bool = True
    """Whether people may sign in with a password of this gallery, too; only where `oidc_issuer` is set can it be switched off. Whoever
    has a shell on the server comes in all the same, by the link that `galleria user link EMAIL` prints."""
    oidc_trusts_emails: bool = False
    """Whether an e-mail counts that the provider does not call verified. Only where nobody can enter a strange one there."""

    # Workers
    worker: bool = True
    """Whether `serve` starts a worker of its own."""
    worker_name: str = ""
    """Unique among workers; empty: host name and process id."""
    worker_slots: Annotated[int, Field(ge=0)] = 0
    """Jobs that run at once; 0: one for each processor."""
    worker_tags: Listed = ()
    """Tags of the jobs that the worker takes, separated by commas."""
    worker_runs_unassigned: bool = True
    """Whether it also takes jobs without a tag."""
    worker_least_priority: Literal["Low", "Medium", "High", "Critical"] = "Low"
    """The least urgent jobs that the worker takes, so that it is kept free for others: `Low`, `Medium`, `High` or `Critical`."""
    lease_s: Annotated[float, Field(ge=1)] = 30
    """How long a worker that says nothing keeps its jobs; renewed at a third of that."""
    job_attempts: Annotated[int, Field(ge=1)] = 3
    """How often a job is started whose workers get lost."""

    # What triggers send
    smtp_host: str = ""
    """The mail server by which people hear of their runs; empty: no mail is sent."""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is secured: `starttls`, `tls` from the beginning, or `none`."""
    smtp_user: str = ""
    """With what the worker signs in there; empty: it does not."""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = "galleria@localhost"
    """Whom mails come from."""
    webhook_allowed_addresses: Listed = ()
    """Hosts (`127.0.0.1:9000`) or networks (`10.0.0.0/8`) that webhooks may call although they are loopback, link-local or private."""

    # What one job may use
    job_time_limit_s: Annotated[float, Field(gt=0)] = 24 * 3600
    job_memory_limit_bytes: Annotated[int, Field(ge=0)] = 0
    """Resident memory of a run with all its processes; 0: the machine's, shared out over the slots."""
    job_disk_limit_bytes: Annotated[int, Field(ge=0)] = 0
    """What a job's folder may hold; 0: no limit."""
    allowed_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders that every run may read and write beside its own, separated by commas."""
    run_mode: Literal["fenced", "unrestricted"] = "fenced"
    """`unrestricted` lets every run start programs (Run Command, Python) and send mail (Email) with the rights of the worker, and so
    read the worker's secrets: for servers whose authors are all trusted. These tools refuse to run otherwise.
    """
    allowed_private_addresses: Listed = ()
    """Hosts (`127.0.0.1:9000`) or networks (`10.0.0.0/8`) that runs may reach although they are loopback, link-local or private."""

    # What is kept how long; 0 keeps everything
    keep_jobs_days: Annotated[float, Field(ge=0)] = 0
    """Jobs that ended longer ago are removed with their messages and outputs. `galleria clean --dry-run` says what would go."""
    keep_jobs_each: Annotated[int, Field(ge=0)] = 0
    """How many ended jobs of one workflow are kept."""
    keep_outputs_days: Annotated[float, Field(ge=0)] = 0
    """Outputs of jobs that ended longer ago are removed; the jobs stay."""
    keep_audit_days: Annotated[float, Field(ge=0)] = 0
    keep_converted_days: Annotated[float, Field(ge=0)] = 7
    """Copies of outputs in other formats, which are made again when somebody asks."""

    # What workflows find here
    macro_folders: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders with macros that workflows name without bringing them, separated by commas or as in PATH; publishing packs them."""
    formula_addins: Path | None = None
    """A folder with XML files of functions that every formula knows."""
    path_maps: Listed = ()
    r"""Where folders of authors' networks are found here, with commas between: `\\nas\fin=/mnt/fin`, or `D:\data=/srv/data:write` to
    write there, too. `galleria maps test` tries them.
    """
    data_sources: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """Databases by the names that workflows give as `DSN=`, with commas between: `NAME=postgresql://USER:PASSWORD@HOST/DATABASE`."""

    @field_validator("macro_folders", mode="before")
    @classmethod
    def _split_folders(cls, value: object) -> object:
        return cls._split(value.replace(os.pathsep, ",")) if isinstance(value, str) else value

    @field_validator(
        "path_maps",
        "data_sources",
        "trusted_proxies",
        "worker_tags",
        "allowed_private_addresses",
        "webhook_allowed_addresses",
        "secret_keys",
        "oidc_roles",
        "oidc_groups",
        "allowed_roots",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def known_sources(self) -> dict[str, str]:
        """The connection strings of `data_sources` by name in small letters; raises InvalidError for a text that is none."""
        return read_pairs((text.get_secret_value() for text in self.data_sources), "a data source (GALLERIA_DATA_SOURCES)")

    @property
    def database(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'galleria.sqlite'}"

    @property
    def storage(self) -> str:
        """The storage's address."""
        return self.storage_url or f"file://{self.data_dir.absolute() / 'storage'}"

    @property
    def jobs_folder(self) -> Path:
        return (self.jobs_dir or self.data_dir / "jobs").absolute()

    @property
    def gallery_url(self) -> str:
        """The gallery's address as clients type it, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}/gallery").rstrip("/")

    @property
    def slots(self) -> int:
        return self.worker_slots or os.cpu_count() or 1

    def load_secret_keys(self) -> tuple[str, ...]:
        """Give the keys for `vault_from`; makes the key file, mode 0600, when there is none yet.

        Whoever loses the file loses every secret in the database; whoever reads it has them.
        """
        if self.secret_keys:
            return tuple(key.get_secret_value() for key in self.secret_keys)
        path = self.secret_key_file or self.data_dir / "secret.key"
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_key_file(path)
        keys = tuple(key for line in path.read_text("ascii").splitlines() if (key := line.partition("#")[0].strip()))
        if not keys:
            raise InvalidError(f"the secret key file {path} is empty")
        return keys


def _make_key_file(path: Path) -> None:
    if path.exists():
        return
    # Written aside and linked: of two processes that start at once, one makes the file and both read the same key.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(urlsafe_b64encode(os.urandom(32)).decode("ascii") + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink(missing_ok=True)
