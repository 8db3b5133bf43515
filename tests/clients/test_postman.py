"""Everything of the published collection is answered."""

import json
from pathlib import Path

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from tests.api.gallery import run_next
from tests.clients.postman import published_copy, run_collection
from tests.clients.running import Running

CONTENT = bytes(range(256)) * 10


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
        "user-key": server.user.key,
        "user-secret": server.user.secret,
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
