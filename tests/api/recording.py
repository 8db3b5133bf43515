"""Records a real request and answer of every endpoint for the documentation.

`python -m tests.api.recording` writes `examples.json` anew; review the difference.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from galleria.gallery.credentials import service as credentials
from galleria.gallery.shares.records import Party
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow
from tests.api.filled import fill
from tests.api.gallery import Gallery, a_gallery, run_next
from tests.api.surface import surface
from tests.gallery.scene import a_scene, a_workflow

TARGET = Path(__file__).parents[2] / "src" / "galleria" / "api" / "documentation" / "examples.json"
QUERIES = {
    "/admin/v1/auditlog/": "?entity=User&page=1&pageSize=1",
    "/admin/v2/schedule/forecast/": "?after=2030-07-01&before=2030-07-02",
    "/admin/v2/workflows/all/": "?page=0&pageSize=1",
    "/admin/v1/workflows/all/": "?page=0&pageSize=1",
    "/admin/v1/users/": "?page=2&pageSize=1",
    "/admin/v2/users/": "?page=2&pageSize=1",
    "/v1/workflows/subscription/": "?sortField=uploaddate&direction=asc&limit=1",
    "/admin/v1/workflows/": "?sortField=uploaddate&direction=asc&limit=1",
}
ORDER: dict[str, Any] = {"questions": [{"name": "Region", "value": "East"}], "priority": 0}
PUBLICATION = {
    "file": "(file)",
    "name": "Rates",
    "owner": "anna@example.com",
    "validate": "true",
    "isPublic": "false",
    "sourceId": "",
    "workerTag": "",
    "canDownload": "true",
    "comments": "",
}
REQUESTS: dict[str, Any] = {
    "POST /v1/workflows/{appId}/jobs/": {"json": ORDER},
    "POST /user/v2/workflows/{appId}/jobs/": {"json": {**ORDER, "priority": "Low", "credentialId": ""}},
    "POST /user/v2/inputfiles/": {"form": {"inputFile": "(file)"}},
    "POST /admin/v1/workflows/": {"form": PUBLICATION},
    "PUT /admin/v1/workflows/migratable/{appId}/": {"json": True},
}
FAILURES = {
    "POST /user/v2/inputfiles/": [413],
    "POST /user/v2/workflows/{appId}/jobs/": [403, 413],
    "POST /admin/v1/workflows/": [413, 422],
    "PUT /admin/v1/workflows/migratable/{appId}/": [413],
    "POST /v1/workflows/{appId}/jobs/": [403, 413],
    "GET /v1/{appId}/package/": [403],
    "GET /v1/jobs/{jobId}/output/{outputId}/": [422],
}
ASKED = [
    {
        "name": "Region",
        "type": "ListBox",
        "description": "Which region?",
        "value": "East",
        "items": [{"key": "East", "value": "East"}, {"key": "West", "value": "West"}],
        "multiple": False,
    }
]


def recorded(gallery: Gallery) -> dict[str, Any]:
    """Call every endpoint once, of a gallery that holds one of everything."""
    scene = gallery.scene
    fill(gallery)
    app = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, name="Regions", kind="app", questions=ASKED)
    with scene.database.write() as db:
        change_workflow(db, gallery.boss, scene.workflow_id, WorkflowChange(is_ready_to_migrate=True))
        credential = credentials.create_credential(db, gallery.boss, "SALES\\anna", "secret")
        credentials.share_credential(db, gallery.boss, credential.id, Party.USER, scene.anna.user_id or "")
    gallery.post(f"/gallery/api/v1/workflows/{scene.workflow_id}/jobs/")
    job_id = run_next(scene, files={"output.yxdb": b"rows"})
    [output] = gallery.get(f"/gallery/api/v1/jobs/{job_id}/").json()["outputs"]
    found: dict[str, Any] = {}
    for endpoint in surface():
        asks = endpoint.method == "POST" or "questions" in endpoint.classic
        ids = {"appId": app if asks else scene.workflow_id, "jobId": job_id, "outputId": output["id"]}
        path = re.sub(r"\{(\w+)\}", lambda match, ids=ids: ids[match[1]], endpoint.classic)
        found[str(endpoint)] = _exchange(gallery, endpoint.method, str(endpoint), path, gallery.pairs[endpoint.api])
    return found


def _exchange(gallery: Gallery, method: str, name: str, path: str, pair: Any) -> dict[str, Any]:
    sent = REQUESTS.get(name, {})
    more: dict[str, Any] = {}
    if "json" in sent:
        more = {"content": json.dumps(sent["json"])}
    elif "form" in sent:
        more = {"files": {part: ("Rates.yxmd", DOCUMENT) if value == "(file)" else (None, value) for part, value in sent["form"].items()}}
    answer = gallery.call(method, f"/gallery/api{path}{QUERIES.get(path, '')}", pair, **more)
    assert answer.status_code == 200, (name, answer.text)
    kind = answer.headers["content-type"]
    exchange = {"answer": {"json": answer.json()} if kind == "application/json" else {"file": kind}}
    if sent:
        exchange["request"] = sent
    if name in FAILURES:
        exchange["failures"] = FAILURES[name]
    return exchange


DOCUMENT = (Path(__file__).parents[2] / "src" / "galleria" / "demo" / "workflow" / "ecb-rates.yxmd").read_bytes()


def main() -> None:
    from galleria.database.connect import connect
    from galleria.database.migrate import migrate
    from galleria.storage.folder import Folder
    from tests.databases import new_vault

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = connect(f"sqlite:///{folder}/gallery.sqlite", new_vault())
        migrate(database.engine)
        found = recorded(a_gallery(a_scene(database, Folder(folder / "storage"), folder)))
        database.close()
    TARGET.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{len(found)} endpoints recorded in {TARGET}", file=sys.stderr)


if __name__ == "__main__":
    main()
