"""The scripts of the guide `docs/guides/calling.md`, run as they stand against a real server with a real worker."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from galleria.gallery.workflows.file import publish_file
from tests.clients.our_files import SALES
from tests.clients.running import Running, running_server

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "calling.md").read_text("utf-8")
LONGEST_S = 300
SCRIPTS = {
    "bash": ("bash", ["bash", "-euo", "pipefail"]),
    "python": (sys.executable, [sys.executable]),
    "r": ("Rscript", ["Rscript"]),
    "js": ("node", ["node"]),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running_server(tmp_path_factory.mktemp("gallery"), WORKER="true") as running:
        yield running


def script(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return found


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_script_prints_what_the_workflow_made(server: Running, language: str, tmp_path: Path) -> None:
    program, command = SCRIPTS[language]
    if shutil.which(program) is None or (language == "r" and not has_r_libraries()):
        pytest.skip(f"{program} or a library that its script needs is not installed")
    scene = server.scene
    app = publish_file(scene.database, scene.anna, scene.storage, SALES).id
    file = tmp_path / f"guide.{language}"
    file.write_text(script(language), "utf-8")
    given = {"GALLERY": f"{server.url}/gallery", "KEY": server.studio.key, "SECRET": server.studio.secret, "APP": app}
    done = subprocess.run(
        [*command, str(file)], env={**os.environ, **given}, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.strip().splitlines()
    assert lines[0].count(",") > 0, done.stdout
    assert len(lines) > 1


def has_r_libraries() -> bool:
    asked = 'quit(status = !all(sapply(c("httr", "openssl"), requireNamespace, quietly = TRUE)))'
    return subprocess.run(["Rscript", "-e", asked], capture_output=True, timeout=LONGEST_S, check=False).returncode == 0


def test_the_requests_of_the_query_for_excel_are_answered(server: Running) -> None:
    """Power Query runs in Excel only: its two requests are read out of the text and sent as it would send them."""
    query = script("powerquery")
    paths = re.findall(r'RelativePath = "([^"]+)"', query)
    assert paths == ["webapi/oauth2/token", "webapi/v3/workflows"]
    [media_type] = re.findall(r'#"Content-Type" = "([^"]+)"', query)
    [first, second] = re.findall(r'"(grant_type=[^"]+|&client_secret=)"', query)
    content = f"{first}{server.curator.key}{second}{server.curator.secret}"
    token = httpx2.post(f"{server.url}/{paths[0]}", content=content, headers={"Content-Type": media_type}).json()["access_token"]
    [scheme] = re.findall(r'Authorization = "(\w+ )"', query)
    answer = httpx2.get(f"{server.url}/{paths[1]}", headers={"Authorization": scheme + token})
    [columns] = re.findall(r"FromRecords\(Workflows, \{([^}]+)\}", query)
    assert answer.status_code == 200
    assert set(json.loads(f"[{columns}]")) <= set(answer.json()[0])


def test_waiting_is_answered_when_the_job_is_over(server: Running) -> None:
    from requests_oauthlib import OAuth1Session

    scene = server.scene
    app = publish_file(scene.database, scene.anna, scene.storage, SALES).id
    gallery = OAuth1Session(server.studio.key, server.studio.secret)
    job = gallery.post(f"{server.url}/gallery/api/v1/workflows/{app}/jobs/", json={"questions": []}).json()
    [wait] = re.findall(r"\?(wait=\d+)", GUIDE)
    assert gallery.get(f"{server.url}/gallery/api/v1/jobs/{job['id']}/?{wait}").json()["status"] == "Completed"
