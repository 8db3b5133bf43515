"""Everything of the published collection is answered; our own keeps what it says."""

import json
from importlib.resources import files
from pathlib import Path

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from tests.api.gallery import run_next
from tests.clients.postman import published_copy, run_collection
from tests.clients.running import Running

CONTENT = bytes(range(256)) * 10
DOCUMENT = files("galleria.demo").joinpath("workflow", "ecb-rates.yxmd").read_bytes()


def variables(server: Running) -> dict[str, str]:
    """What a user sets: address and keys, and the ids of a workflow, a finished job and its output."""
    scene = server.scene
    with scene.database.write() as db:
        jobs.queue(db, scene.anna, NewJob(scene.workflow_id))
    job_id = run_next(scene, files={"output.yxdb": CONTENT})
    with scene.database.read() as db:
        [output] = jobs.outputs_of(db, jobs.get_job(db, scene.anna, job_id))
    return {
        "gallery-url": f"{server.url}/gallery",
        "studio-key": server.studio.key,
        "studio-secret": server.studio.secret,
        "user-key": server.curator.key,
        "user-secret": server.curator.secret,
        "appId": scene.workflow_id,
        "jobId": job_id,
        "outputId": output.id,
    }


def test_the_subscription_folder(server_on_each: Running, tmp_path: Path) -> None:
    server = server_on_each
    answered = run_collection(published_copy(tmp_path), variables(server), "--folder", "Subscription")
    assert [(request.name, request.status) for request in answered] == [
        ("Subscription", 200),
        ("Questions", 200),
        ("Queue Job", 200),
        ("App Jobs", 200),
        ("Jobs", 200),
        ("Output", 200),
        ("Package", 200),
    ]
    queued, listed, output = json.loads(answered[2].body), json.loads(answered[3].body), answered[5]
    assert (queued["status"], queued["id"]) == ("Queued", listed[0]["id"])
    assert output.body == CONTENT


def filled_in(collection: Path, named: dict[str, str]) -> None:
    """Fill the gaps of the published file, and nothing else: two uploads name no file, one path has no value for its variable."""
    content = json.loads(collection.read_text())
    requests = {(folder["name"], item["name"]): item["request"] for folder in content["item"] for item in folder["item"]}
    [app_id] = requests["Admin V1", "Package"]["url"]["variable"]
    app_id["value"] = "{{appId}}"
    for (folder, name), file in {("Admin V1", "Publish Workflow"): "package", ("User V2", "Input files"): "input"}.items():
        [part] = [part for part in requests[folder, name]["body"]["formdata"] if part["type"] == "file"]
        part["src"] = named[file]
    collection.write_text(json.dumps(content))


def test_the_whole_collection(server: Running, tmp_path: Path) -> None:
    collection = published_copy(tmp_path)
    (tmp_path / "input.csv").write_text("a,b\r\n")
    (tmp_path / "Rates.yxmd").write_bytes(DOCUMENT)
    filled_in(collection, {"package": str(tmp_path / "Rates.yxmd"), "input": str(tmp_path / "input.csv")})
    answered = run_collection(collection, {**variables(server), "email-address": "anna@example.com"})
    assert {(request.name, request.status) for request in answered if request.status // 100 != 2} == set()
    assert len(answered) == 30


def test_the_published_file_as_it_is_uploads_nothing_and_is_told_so(server: Running, tmp_path: Path) -> None:
    answered = run_collection(published_copy(tmp_path), {**variables(server), "email-address": "anna@example.com"})
    refused = {request.name: request.status for request in answered if request.status != 200}
    assert refused == {"Publish Workflow": 400, "Input files": 400, "Package": 404}
