"""Bring a database to the present schema; safe when several processes start at once."""

import time

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import OperationalError

from galleria.database.vault import Vault

PATIENCE_S = 60.0
"""Of servers and workers: after a start of all machines the database may be the last one."""
_AGAIN_AFTER_S = 1.0
_ADVISORY_LOCK = 0x67616C6C6572  # "galler"

log = structlog.stdlib.get_logger()


def migrate(engine: Engine, patience_s: float = 0, to: str = "head", vault: Vault | None = None) -> None:
    """Run every migration that is missing, all in one transaction.

    A second process waits for the first (SQLite: the write lock; PostgreSQL: an advisory lock) and then finds nothing to do.
    A PostgreSQL that is not there yet is waited for, as long as `patience_s`. `to` names the revision of an earlier release, for tests
    of upgrades. `vault` seals what earlier releases left open; None only where nothing secret can be there.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            return _migrate(engine, to, vault)
        except OperationalError as error:
            if engine.dialect.name != "postgresql" or time.monotonic() > until:
                raise
            log.warning("database_is_away", reason=str(error.orig).partition("\n")[0])
        time.sleep(_AGAIN_AFTER_S)


def _migrate(engine: Engine, to: str, vault: Vault | None) -> None:
    with engine.execution_options(galleria_access="write").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        config = _config(connection, None)
        config.attributes["vault"] = vault
        command.upgrade(config, to)


def draft(engine: Engine, metadata: MetaData, number: str, message: str) -> None:
    """Write the next migration's first draft (`0002_message.py`) by comparing a migrated PostgreSQL's schema with the records."""
    with engine.execution_options(galleria_access="write").begin() as connection:
        command.revision(_config(connection, metadata), message=message, autogenerate=True, rev_id=number)


def _config(connection: Connection, metadata: MetaData | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "galleria.database:migrations")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config
