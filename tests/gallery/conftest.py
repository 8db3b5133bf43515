from pathlib import Path

import pytest

from galleria.database.connect import Database
from galleria.storage.folder import Folder
from tests.gallery.scene import Scene, a_scene


@pytest.fixture
def scene(database: Database, storage: Folder, tmp_path: Path) -> Scene:
    return a_scene(database, storage, tmp_path)
