import pytest

from tests.api.gallery import Gallery, a_gallery
from tests.gallery.conftest import scene
from tests.gallery.scene import Scene

__all__ = ["scene"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database_kind() -> str:
    """One is enough where HTTP is what is tested; modules that want each kind say so."""
    return "sqlite"


@pytest.fixture
def gallery(scene: Scene) -> Gallery:
    return a_gallery(scene)
