from collections.abc import Generator

import pytest

from tests.clients.running import Running, running_server
from tests.databases import Databases


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A server over SQLite."""
    with running_server(tmp_path_factory.mktemp("gallery")) as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server_on_each(request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A server, once over each kind of database."""
    with running_server(tmp_path_factory.mktemp("gallery"), databases.url(request.param)) as running:
        yield running
