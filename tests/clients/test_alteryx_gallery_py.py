"""The PyPI client `alteryx-gallery-py`, all of its seven methods, its code untouched."""

import io
import zipfile

import pytest
from alteryx_gallery_py.subscriptions import Subscriptions

from tests.api.gallery import run_next
from tests.clients.running import Running, an_app

CONTENT = bytes(range(256)) * 100


def test_all_methods(server_on_each: Running) -> None:
    server = server_on_each
    client = Subscriptions(server.studio.key, server.studio.secret, f"{server.url}/gallery/")
    # The client signs the blanks as plus signs.
    assert client.get_workflows(search="no such name") == []
    app = an_app(server)
    [workflow] = client.get_workflows(search="Region app", limit=10)
    assert workflow["id"] == app
    [question] = client.get_questions(workflow["id"])
    assert (question["name"], question["type"]) == ("Region", "QuestionTextBox")
    job = client.create_job(workflow["id"], questions=[{"name": "Region", "value": 150}], priority=0)
    assert (job["status"], job["disposition"]) == ("Queued", "None")
    assert run_next(server.scene, files={"output.yxdb": CONTENT}) == job["id"]
    assert [listed["id"] for listed in client.list_jobs(workflow["id"])] == [job["id"]]
    job = client.get_job(job["id"], includeMessages="true")
    assert (job["status"], job["disposition"], len(job["messages"])) == ("Completed", "Success", 2)
    assert client.get_job_output(job["id"], job["outputs"][0]["id"], format="Raw") == CONTENT
    assert zipfile.is_zipfile(io.BytesIO(client.download_app(workflow["id"])))


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_wrong_secret_is_told_so(server: Running, slash: str) -> None:
    client = Subscriptions(server.studio.key, "wrong", f"{server.url}/gallery{slash}")
    assert client.get_workflows()["message"] == "The provided signature (oauth_signature) is invalid."
