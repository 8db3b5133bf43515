"""Bring a database to the present schema; safe when several processes start at once."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData

_ADVISORY_LOCK = 0x67616C6C6572  # "galler"


def migrate(engine: Engine) -> None:
    """Run every migration that is missing, all in one transaction.

    A second process waits for the first (SQLite: the write lock; PostgreSQL: an advisory lock) and then finds nothing to do.
    """
    with engine.execution_options(galleria_access="write").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        command.upgrade(_config(connection, None), "head")


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
