"""The requests of the R client `alterryx`, signed and written as its code does it, and its own strict checks of the answers.

R itself is not needed: what it sends is built here step by step. A parameter's value is percent-encoded, its name is not; all are
sorted by name; the signature is encoded once more into the address. It wants the shapes of servers of 2019.1.
"""

import base64
import csv
import hashlib
import hmac
import io
import secrets
import time
import zipfile
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
import requests

from galleria.gallery.keys.service import Pair
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow
from tests.api.gallery import run_next
from tests.clients.our_files import a_package
from tests.clients.running import Running, running_server

APP = {
    "id": str,
    "subscriptionId": str,
    "public": bool,
    "runDisabled": bool,
    "packageType": int,
    "uploadDate": str,
    "fileName": str,
    "metaInfo": dict,
    "isChained": bool,
    "version": int,
    "runCount": int,
    "workerTag": str,
}
"""An app is refused unless it has these members, of these types, in this order."""
ADMIN_APP = """fileName id isChained metaInfo packageType public runCount runDisabled subscriptionId uploadDate version workerTag
collections lastRunDate publishedVersionId publishedVersionNumber publishedVersionOwner subscriptionName""".split()
JOB = {"appId", "id", "createDate", "status", "disposition", "outputs", "messages", "priority", "workerTag"}


def encoded(text: str) -> str:
    return quote(text, safe="-._~")


def signed(method: str, address: str, pair: Pair, parameters: Mapping[str, str]) -> str:
    """Give the address with everything in its query."""
    protocol = {
        "oauth_consumer_key": pair.key,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_nonce": secrets.token_hex(6),
        "oauth_version": "1.0",
    }
    given = {name: encoded(value) for name, value in {**protocol, **parameters}.items()}
    normalized = "&".join(f"{name}={given[name]}" for name in sorted(given))
    base = "&".join(map(encoded, (method, address, normalized)))
    digest = hmac.new(f"{pair.secret}&".encode(), base.encode(), hashlib.sha1).digest()
    given["oauth_signature"] = encoded(base64.b64encode(digest).decode())
    return f"{address}?" + "&".join(f"{name}={given[name]}" for name in sorted(given))


@dataclass(frozen=True)
class Client:
    server: Running
    pair: Pair

    def send(self, method: str, path: str, parameters: Mapping[str, str] | None = None, **more: Any) -> requests.Response:
        url = signed(method, f"{self.server.url}/gallery/api{path}", self.pair, parameters or {})
        answer = requests.request(method, url, timeout=180, **more)
        # Anything but 200 is an error to this client.
        assert answer.status_code == 200, answer.text
        return answer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running_server(tmp_path_factory.mktemp("gallery"), COMPATIBILITY="2019.1") as running:
        yield running


@pytest.fixture
def studio(server: Running) -> Client:
    return Client(server, server.studio)


@pytest.fixture
def curator(server: Running) -> Client:
    return Client(server, server.curator)


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({}, 1),
        ({"search": "Rates"}, 1),
        ({"search": "daily sales & ä/~*'()+%"}, 0),
        ({"limit": "1", "offset": "0", "sortField": "uploaddate", "direction": "desc", "packageType": "1"}, 1),
        ({"packageType": "0", "search": ""}, 0),
    ],
)
def test_apps_are_found_in_the_strict_shape(studio: Client, parameters: dict[str, str], count: int) -> None:
    apps = studio.send("GET", "/v1/workflows/subscription/", parameters).json()
    assert len(apps) == count
    for app in apps:
        assert [(name, type(value)) for name, value in app.items()] == list(APP.items())


@pytest.mark.parametrize(
    "body",
    ['{"questions":[{}],"priority":"0"}', '{"questions":[[]],"priority":"3"}', '{"questions":[],"priority":"1"}'],
)
def test_a_job_is_queued_followed_and_its_output_read_as_text(studio: Client, body: str) -> None:
    scene = studio.server.scene
    app = f"/v1/workflows/{scene.workflow_id}"
    assert studio.send("GET", f"{app}/questions/").json() == []
    job = studio.send("POST", f"{app}/jobs/", data=body, headers={"Content-Type": "application/json"}).json()
    assert set(job) == JOB
    assert run_next(scene, files={"out.csv": b"Region,Sales\r\nEast,10\r\n"}) == job["id"]
    assert job["id"] in [one["id"] for one in studio.send("GET", f"{app}/jobs/").json()]
    job = studio.send("GET", f"/v1/jobs/{job['id']}/").json()
    assert (set(job), job["status"]) == (JOB, "Completed")
    assert {"toolId", "text"} <= set(job["messages"][0])
    [output] = [one for one in job["outputs"] if "Csv" in one["formats"]]
    read = studio.send("GET", f"/v1/jobs/{job['id']}/output/{output['id']}/", {"format": "Csv"}).text
    assert list(csv.DictReader(io.StringIO(read))) == [{"Region": "East", "Sales": "10"}]


def test_a_package_is_downloaded_as_bytes(studio: Client) -> None:
    content = studio.send("GET", f"/v1/{studio.server.scene.workflow_id}/package/").content
    assert zipfile.is_zipfile(io.BytesIO(content))


def test_workflows_migrate_to_the_same_server(curator: Client) -> None:
    server = curator.server
    with server.scene.database.write() as db:
        change_workflow(db, server.boss, server.scene.workflow_id, WorkflowChange(is_ready_to_migrate=True))
    marked = curator.send("GET", "/admin/v1/workflows/migratable/").json()
    assert [one["id"] for one in marked] == [server.scene.workflow_id]
    # It knows the id alone, and searches for it.
    [app] = curator.send("GET", "/admin/v1/workflows/", {"search": marked[0]["id"]}).json()
    assert list(app) == ADMIN_APP
    assert zipfile.is_zipfile(io.BytesIO(curator.send("GET", f"/admin/v1/{app['id']}/package/").content))
    form = {"name": app["fileName"], "owner": "anna@example.com", "validate": "true", "isPublic": "false", "sourceId": app["id"]}
    form |= {"workerTag": "", "canDownload": "true"}
    file = {"file": (f"{app['id']}_Rates.yxzp", a_package(), "application/octet-stream")}
    new = curator.send("POST", "/admin/v1/workflows/", data=form, files=file).json()
    assert new not in ("", server.scene.workflow_id)
    # A PUT without a body turns the mark over.
    assert curator.send("PUT", f"/admin/v1/workflows/migratable/{app['id']}/").json() is False
    assert curator.send("GET", "/admin/v1/workflows/migratable/").json() == []


def test_a_failure_names_the_exception(studio: Client) -> None:
    url = signed("GET", f"{studio.server.url}/gallery/api/v1/jobs/nothing/", studio.pair, {})
    answer = requests.get(url, timeout=180)
    assert {"exceptionName", "message"} <= set(answer.json())
    assert answer.status_code == 404
