"""The npm client `@jupiterbak/ayx-node`: those of its own tests, untouched, that speak with V1 and V2 below `/webapi`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from tests.clients.npm import installed
from tests.clients.running import Running
from tests.gallery.scene import a_workflow


@pytest.mark.parametrize(
    ("suite", "only", "passes"), [("admin-management", "", 15), ("workflow-management", "subscription", 5), ("job-management", "", 3)]
)
def test_its_own_tests_pass(server: Running, tmp_path: Path, suite: str, only: str, passes: int) -> None:
    scene, boss = server.scene, server.boss
    # They want a workflow in the caller's own studio that has run.
    workflow_id = a_workflow(scene.database, scene.storage, scene.folder, boss)
    with scene.database.write() as db:
        jobs.queue(db, boss, NewJob(workflow_id))
    modules = installed()
    # Its tests read this file when they are loaded; it is not in the published package.
    (tmp_path / "test" / "data").mkdir(parents=True)
    (tmp_path / "test" / "data" / "Dummy_Workflows.yxzp").write_bytes(b"PK\x05\x06" + bytes(18))
    environment = {
        **os.environ,
        "AYX_SERVER_API": f"{server.url}/webapi",
        "AYX_SERVER_CLIENTID": server.curator.key,
        "AYX_SERVER_CLIENTSECRET": server.curator.secret,
    }
    spec = modules / "@jupiterbak" / "ayx-node" / "dist" / "test" / f"{suite}.spec.js"
    command = [str(modules / ".bin" / "mocha"), "--reporter", "json", "--timeout", "180000", *(["--grep", only] if only else []), str(spec)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    report = json.loads(done.stdout[done.stdout.index("{\n") :])
    assert [(one["fullTitle"], one["err"].get("message")) for one in report["failures"]] == []
    assert report["stats"]["passes"] == passes
