"""Fixtures that many tests share; what they need is imported and started only by the tests that ask for it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import KINDS, Databases

if TYPE_CHECKING:
    from pathlib import Path

    from galleria.database.connect import Database
    from galleria.storage.folder import Folder

# The same examples every time, however slow the machine is. `--hypothesis-profile=default` looks for others.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Generator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Runs the test on each kind of database."""
    return request.param


@pytest.fixture
def database_url(databases: Databases, database_kind: str) -> str:
    """The address of an empty, migrated database; the test runs on each kind."""
    return databases.url(database_kind)


@pytest.fixture
def database(databases: Databases, database_kind: str) -> Generator[Database]:
    """An open, empty, migrated database; the test runs on each kind."""
    with databases.opened(database_kind) as opened:
        yield opened


@pytest.fixture
def storage(tmp_path: Path) -> Folder:
    from galleria.storage.folder import Folder

    return Folder(tmp_path / "storage")
