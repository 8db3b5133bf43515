"""The R client `alterryx` itself, its code untouched, where R and the package are installed (`R_LIBS` may say where)."""

import json
import shutil
import subprocess
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest

from galleria.gallery.workflows.changes import WorkflowChange, change_workflow
from galleria.gallery.workflows.file import publish_file
from tests.clients.our_files import SALES
from tests.clients.running import Running, running_server


@cache
def rscript() -> str:
    found = shutil.which("Rscript")
    command = [found or "", "-e", 'quit(status = if (requireNamespace("alterryx", quietly = TRUE)) 0 else 1)']
    if found is None or subprocess.run(command, capture_output=True, timeout=300).returncode:
        pytest.skip("R or its package alterryx is not installed")
    return found


SCRIPT = """
suppressMessages(library(alterryx))
given <- commandArgs(trailingOnly = TRUE)
use <- function(key, secret) options(alteryx_gallery = given[1], alteryx_api_key = key, alteryx_secret_key = secret,
  target_alteryx_gallery = given[1], target_alteryx_api_key = key, target_alteryx_secret_key = secret)
use(given[2], given[3])
app <- get_app(list(search = "Sales"))[[1]]
questions <- get_app_questions(app)
job <- queue_job(app, empty_answer(), track_job = TRUE, sleep = 0.2, timeout = 300)
again <- get_job(job)
rows <- get_job_output(again)[[1]]
file <- download_app(app, file.path(given[6], "app.yxzp"))
jobs <- get_app_jobs(app)
use(given[4], given[5])
apps <- get_app_admin()
invisible(capture.output(migrate(given[6], verbose = FALSE, form = list(name = "", owner = "anna@example.com", validate = "true",
  isPublic = "false", sourceId = "", workerTag = "", canDownload = "true"))))
left <- get_migratable(verbose = FALSE)
cat(jsonlite::toJSON(list(app = app$id, questions = length(questions), status = again$status, log = nrow(get_job_log(again)),
  rows = rows, size = file.size(file), jobs = length(jobs), apps = length(apps), after = length(get_app_admin()), left = length(left)),
  auto_unbox = TRUE))
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    with running_server(tmp_path_factory.mktemp("gallery"), COMPATIBILITY="2019.1", WORKER="true") as running:
        yield running


def test_its_functions_work(server: Running, tmp_path: Path) -> None:
    command = rscript()
    scene = server.scene
    app = publish_file(scene.database, scene.anna, scene.storage, SALES).id
    with scene.database.write() as db:
        change_workflow(db, server.boss, app, WorkflowChange(is_ready_to_migrate=True))
    keys = (server.studio.key, server.studio.secret, server.curator.key, server.curator.secret)
    arguments = [command, "-e", SCRIPT, f"{server.url}/gallery", *keys, str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout.splitlines()[-1])
    assert (got["app"], got["questions"], got["status"]) == (app, 0, "Completed")
    assert got["rows"] == [{"Region": "East", "Sales": 10}, {"Region": "West", "Sales": 20}]
    assert got["log"] >= 2
    assert got["size"] > 500
    assert (got["jobs"], got["apps"], got["after"], got["left"]) == (1, 2, 3, 0)
