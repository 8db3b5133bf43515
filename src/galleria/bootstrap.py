"""Puts the parts together: the only module that knows them all."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, cast

from pydantic import SecretStr

from galleria.errors import InvalidError
from galleria.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from galleria.gallery.retention.service import Policy
    from galleria.http.operation import Measured
    from galleria.http.parts import InForce, Parts
    from galleria.http.sign_on import SignOn
    from galleria.worker.mail import MailServer
    from galleria.worker.options import Options

_FREE_DISK_BYTES = 256 * 1024 * 1024
_SHUTDOWN_S = 10
_MEMORY_SHARE = 0.8
"""Of the machine's memory, for all slots of a worker together, where the settings name no limit."""


def serve_forever(settings: Settings) -> None:
    """Serve until the process is told to end, with a worker beside it if the settings want one."""
    import uvicorn

    log_lines()
    # The server raises again, at its end, the signal that it was told to end by: that must not end this process before its worker.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app = server(settings)
    with _worker_beside(settings) if settings.worker else nullcontext():
        # Which proxies are believed is the application's own decision.
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            proxy_headers=False,
            server_header=False,
            access_log=False,
            log_level="warning",
            log_config=None,
            timeout_graceful_shutdown=_SHUTDOWN_S,
        )


def worker(settings: Settings, *, is_beside: bool = False) -> None:
    """Claim jobs and run them until the process is told to end; one beside a server also when its standard input ends.

    Imports nothing of the web: a worker needs the database, the storage and the key.
    """
    from galleria.database.connect import connect
    from galleria.database.migrate import PATIENCE_S, migrate
    from galleria.database.vault import vault_from
    from galleria.storage.place import storage_at
    from galleria.worker.work import Ending, work

    log_lines()
    ending = Ending()
    ending.on_signals()
    if is_beside:
        ending.on_end_of(sys.stdin.fileno())
    options = _worker_options(settings)
    # A slot has one connection at a time; the pulse, the bell, a claim and the errands want one, too.
    vault = vault_from(settings.load_secret_keys())
    database = connect(settings.database, vault, options.slots + 6, waits_for_disk=settings.sqlite_waits_for_disk)
    try:
        migrate(database.engine, PATIENCE_S, vault=vault)
        work(database, storage_at(settings.storage), options, ending)
    finally:
        database.close()


def server(settings: Settings) -> FastAPI:
    """Make the web application over the gallery that the settings name; the gallery is closed when the application ends."""
    from galleria.database.migrate import PATIENCE_S
    from galleria.http.operation import Measured
    from galleria.web.pages import handbook

    parts = _open(settings, PATIENCE_S)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        handbook.prepare()
        yield
        parts.database.close()

    measured = Measured(settings.metrics, settings.metrics_token.get_secret_value())
    app = application(parts, measured, is_2019=settings.compatibility == "2019.1", logs_requests=settings.access_log)
    app.router.lifespan_context = lifespan
    return app


@contextmanager
def opened(settings: Settings) -> Generator[Parts]:
    """Open the gallery that the settings name, its database brought up to date, for as long as the block runs."""
    parts = _open(settings)
    try:
        yield parts
    finally:
        parts.database.close()


def application(parts: Parts, measured: Measured | None = None, *, is_2019: bool = False, logs_requests: bool = False) -> FastAPI:
    """Make the web application over parts that are ready."""
    from fastapi import FastAPI

    from galleria.api import webapi
    from galleria.api.classic import door as classic
    from galleria.api.dialects import CLASSIC, CLASSIC_2019
    from galleria.api.documentation import door as documentation
    from galleria.http.access import AccessLog
    from galleria.http.faults import QuietFaults
    from galleria.http.operation import Measured, attach
    from galleria.http.paths import LenientPaths
    from galleria.web import app as pages

    app = FastAPI(title="Galleria", openapi_url=None, redirect_slashes=False)
    app.mount(classic.MOUNT, classic.classic_door(parts, CLASSIC_2019 if is_2019 else CLASSIC))
    app.mount(webapi.MOUNT, webapi.web_door(parts))
    app.mount(documentation.MOUNT, documentation.documentation(parts.public))
    app.add_api_route(documentation.MOUNT, documentation.to_documentation, methods=["GET", "HEAD"])
    pages.attach(app, parts)
    attach(app, parts, measured or Measured())
    app.add_middleware(LenientPaths, mounts=(classic.MOUNT, webapi.MOUNT))
    app.add_middleware(QuietFaults)
    if logs_requests:
        app.add_middleware(AccessLog, public=parts.public, secret_paths=pages.SECRET_PATHS)
    return app


def log_lines() -> None:
    """Write logs as lines of JSON to standard error, or readable ones to a terminal; of errors never the values of variables."""
    import logging

    import structlog

    readable = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    endings = [readable] if sys.stderr.isatty() else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    common = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*common, *endings], logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=True
    )
    # What libraries say by Python's own means becomes lines of the same kind.
    others = logging.StreamHandler(sys.stderr)
    without_record = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    others.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=common, processors=[without_record, *endings]))
    logging.basicConfig(handlers=[others], level=logging.WARNING, force=True)


def _worker_beside(settings: Settings) -> AbstractContextManager[object]:
    from galleria.children.companion import Companion
    from galleria.worker.options import Options

    environment = {**os.environ, **_as_environment(settings)}
    return Companion([sys.executable, "-m", "galleria", "worker", "--beside"], environment, Options.drain_s + _SHUTDOWN_S)


def _as_environment(settings: Settings) -> dict[str, str]:
    """The settings that differ from their defaults, as variables that make the same ones."""
    made: dict[str, str] = {}
    for name in settings.model_fields_set:
        value: object = getattr(settings, name)
        parts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
        texts = [part.get_secret_value() if isinstance(part, SecretStr) else str(part) for part in parts if part is not None]
        made[f"GALLERIA_{name.upper()}"] = ",".join(texts)
    return made


def _worker_options(settings: Settings) -> Options:
    import socket

    from galleria.children.memory import machine_bytes
    from galleria.gallery.jobs.dispatch import Worker
    from galleria.gallery.jobs.records import Priority
    from galleria.worker.options import Options

    name = settings.worker_name or f"{socket.gethostname()}:{os.getpid()}"
    return Options(
        worker=Worker(
            name, frozenset(settings.worker_tags), settings.worker_runs_unassigned, Priority[settings.worker_least_priority.upper()]
        ),
        slots=settings.slots,
        folder=settings.jobs_folder,
        lease_s=settings.lease_s,
        most_attempts=settings.job_attempts,
        time_limit_s=settings.job_time_limit_s,
        memory_limit_bytes=settings.job_memory_limit_bytes or int(machine_bytes() * _MEMORY_SHARE / settings.slots),
        disk_limit_bytes=settings.job_disk_limit_bytes or None,
        allowed_roots=tuple(root.absolute() for root in settings.allowed_roots),
        allowed_private_addresses=settings.allowed_private_addresses,
        is_unrestricted=settings.run_mode == "unrestricted",
        formula_addins=settings.formula_addins.absolute() if settings.formula_addins else None,
        path_maps=settings.path_maps,
        data_sources=settings.known_sources,
        gallery_url=settings.gallery_url,
        webhook_addresses=settings.webhook_allowed_addresses,
        mail=_mail_server(settings),
        keeps=retention(settings),
    )


def retention(settings: Settings) -> Policy:
    """What is kept how long, as the settings say."""
    from galleria.gallery.retention.service import Policy

    return Policy(
        settings.keep_jobs_days,
        settings.keep_jobs_each,
        settings.keep_outputs_days,
        settings.keep_audit_days,
        settings.keep_converted_days,
    )


def _in_force(settings: Settings) -> tuple[InForce, ...]:
    """The settings as a Curator may see them: no secret, no password."""
    from galleria.http.parts import InForce

    given = settings.model_fields_set
    return tuple(
        InForce(f"GALLERIA_{name.upper()}", _shown(name, getattr(settings, name)), name not in given)
        for name in settings.__class__.model_fields
    )


def _shown(name: str, value: object) -> str:
    if name == "database_url" and value:
        from sqlalchemy import make_url

        return make_url(str(value)).render_as_string(hide_password=True)
    if isinstance(value, tuple):
        several = cast("tuple[object, ...]", value)
        return f"{len(several)} set" if several and isinstance(several[0], SecretStr) else ", ".join(map(str, several))
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else ""
    return "" if value is None else str(value)


def _mail_server(settings: Settings) -> MailServer | None:
    from galleria.worker.mail import MailServer, Security

    if not settings.smtp_host:
        return None
    security = Security(settings.smtp_security)
    signing_in = (settings.smtp_user, settings.smtp_password.get_secret_value())
    return MailServer(settings.smtp_host, settings.smtp_port, security, *signing_in, settings.smtp_from)


def _sign_on(settings: Settings) -> SignOn | None:
    from galleria.gallery.actors import Role
    from galleria.gallery.identities.service import Rules
    from galleria.http.sign_on import SignOn, read_groups, read_roles

    if not settings.oidc_issuer:
        if not settings.password_sign_in:
            raise InvalidError("GALLERIA_PASSWORD_SIGN_IN is off, and GALLERIA_OIDC_ISSUER names no other place to sign in")
        return None
    if not settings.oidc_client_id:
        raise InvalidError("GALLERIA_OIDC_ISSUER is set, but not GALLERIA_OIDC_CLIENT_ID, the name of this gallery there")
    return SignOn(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_name,
        settings.oidc_scopes,
        settings.oidc_claim,
        Rules(
            read_roles(settings.oidc_roles),
            read_groups(settings.oidc_groups),
            Role(settings.oidc_role),
            settings.oidc_makes_users,
            settings.oidc_trusts_emails,
        ),
        settings.password_sign_in,
    )


def _open(settings: Settings, patience_s: float = 0) -> Parts:
    from galleria.children import commands
    from galleria.database.connect import connect
    from galleria.database.migrate import migrate
    from galleria.database.vault import vault_from
    from galleria.http.origins import PublicAddress, networks
    from galleria.http.parts import Limits, Parts
    from galleria.storage.place import storage_at

    commands.offer(commands.Offered(settings.macro_folders, settings.formula_addins))
    vault = vault_from(settings.load_secret_keys())
    database = connect(settings.database, vault, settings.database_connections, waits_for_disk=settings.sqlite_waits_for_disk)
    migrate(database.engine, patience_s, vault=vault)
    return Parts(
        database=database,
        storage=storage_at(settings.storage),
        convert=commands.convert,
        public=PublicAddress(settings.base_url or None, networks(settings.trusted_proxies)),
        keeps=retention(settings),
        in_force=_in_force(settings),
        limits=Limits(
            body_bytes=settings.body_limit_bytes,
            upload_bytes=settings.upload_limit_bytes,
            free_disk_bytes=_FREE_DISK_BYTES,
            oauth_window_s=settings.oauth_window_s,
            token_lifetime_s=settings.token_lifetime_s,
            session_lifetime_s=settings.session_lifetime_s,
            input_file_lifetime_s=settings.input_file_lifetime_s,
        ),
        can_mail=bool(settings.smtp_host),
        sign_on=_sign_on(settings),
    )
