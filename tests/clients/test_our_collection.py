"""Our own Postman collection, run by newman with its assertions against a real server with a real worker."""

import json
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest

from galleria.gallery.workflows.file import publish_file
from tests.clients.our_files import FOLDER, SALES
from tests.clients.postman import failures_of, run_collection
from tests.clients.running import Running, running_server

COLLECTION = "galleria.postman_collection.json"
ENVIRONMENT = "galleria.postman_environment.json"
STEPS = ["--folder", "Queue Job", "--folder", "Jobs", "--folder", "Output"]


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running_server(tmp_path_factory.mktemp("gallery"), WORKER="true") as server:
        yield server


def imported_by_link(server: Running, folder: Path, name: str) -> Path:
    target = folder / name
    with urllib.request.urlopen(f"{server.url}/gallery/api-docs/{name}", timeout=180) as answer:
        target.write_bytes(answer.read())
    return target


def published(server: Running) -> str:
    scene = server.scene
    return publish_file(scene.database, scene.anna, scene.storage, SALES).id


def keys(server: Running) -> dict[str, str]:
    studio, curator = server.studio, server.curator
    return {"user-key": curator.key, "user-secret": curator.secret, "studio-key": studio.key, "studio-secret": studio.secret}


def test_the_whole_collection_keeps_its_assertions(working: Running, tmp_path: Path) -> None:
    collection = imported_by_link(working, tmp_path, COLLECTION)
    published(working)
    # No id is given: the list of workflows, the latest first, names the one to run.
    answered = run_collection(collection, keys(working), "--working-dir", str(FOLDER))
    assert failures_of(collection) == []
    assert len({(request.name, request.method) for request in answered}) >= 22
    assert {request.status for request in answered} == {200}


def test_the_three_steps_of_the_article_run_with_five_variables_set(working: Running, tmp_path: Path) -> None:
    collection, environment = (imported_by_link(working, tmp_path, name) for name in (COLLECTION, ENVIRONMENT))
    folder = json.loads(collection.read_text())
    folder["item"] = [one for one in folder["item"] if one["name"] == "Subscription"]
    collection.write_text(json.dumps(folder))
    answered = run_collection(collection, {**keys(working), "appId": published(working)}, *STEPS, "--environment", str(environment))
    assert failures_of(collection) == []
    assert list(dict.fromkeys(request.name for request in answered)) == ["Queue Job", "Jobs", "Output"]
    assert answered[-1].body.startswith(b"Alteryx Database File")


def test_a_wrong_secret_fails_the_assertions(working: Running, tmp_path: Path) -> None:
    collection = imported_by_link(working, tmp_path, COLLECTION)
    run_collection(collection, {**keys(working), "studio-secret": "wrong", "appId": "x"}, *STEPS)
    assert "is answered 200" in failures_of(collection)
