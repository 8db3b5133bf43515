"""HEAD is answered where GET is, with the same head; OPTIONS everywhere that other pages may call; nothing is noted as taken."""

import asyncio
import re
from collections.abc import AsyncGenerator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.sessions.service import new_link, use_link
from galleria.http.heads import AnswersHead
from tests.api.gallery import Gallery, run_next
from tests.api.surface import Endpoint, surface
from tests.gallery.scene import SYSTEM

READ = [endpoint for endpoint in surface() if endpoint.method == "GET"]
SAME = ("content-type", "content-length", "etag", "content-disposition", "accept-ranges", "access-control-allow-origin")
PAGES = [
    *(
        "/gallery/sign-in",
        "/gallery/",
        "/gallery/search?q=x",
        "/gallery/runs",
        "/gallery/schedules",
        "/gallery/collections",
        "/gallery/profile",
    ),
    *("/gallery/app/x/{appId}", "/gallery/app/x/{appId}/package", "/gallery/runs/{jobId}", "/gallery/runs/{jobId}/outputs/{outputId}"),
    *("/gallery/runs/{jobId}/outputs/{outputId}?format=Csv", "/health", "/gallery/api-docs/", "/gallery/api-docs/subscription.json"),
    *("/gallery/api-docs/galleria.postman_collection.json", "/gallery/nothing"),
]


@pytest.fixture
def ids(gallery: Gallery) -> dict[str, str]:
    scene = gallery.scene
    with scene.database.write() as db:
        jobs.queue(db, scene.anna, NewJob(scene.workflow_id))
    job_id = run_next(scene, files={"output.yxdb": b"rows"})
    with scene.database.read() as db:
        [output] = jobs.outputs_of(db, jobs.get_job(db, scene.anna, job_id))
    return {"appId": scene.workflow_id, "jobId": job_id, "outputId": output.id}


def filled(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)


def downloads(gallery: Gallery) -> int:
    with gallery.scene.database.read() as db:
        return db.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.event == "Download")) or 0


@pytest.mark.parametrize("endpoint", READ, ids=str)
def test_an_endpoint_answers_head_as_get(gallery: Gallery, ids: dict[str, str], endpoint: Endpoint) -> None:
    path = "/gallery/api" + filled(endpoint.classic, ids)
    head = gallery.call("HEAD", path, gallery.pairs[endpoint.api])
    assert (head.status_code, head.content, downloads(gallery)) == (200, b"", 0)
    whole = gallery.call("GET", path, gallery.pairs[endpoint.api])
    assert {name: head.headers.get(name) for name in SAME} == {name: whole.headers.get(name) for name in SAME}
    assert downloads(gallery) == (1 if "package" in path or "output" in path else 0)
    stranger = gallery.http.head(path)
    assert (stranger.status_code, stranger.content) == (401, b"")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_head_as_get(gallery: Gallery, ids: dict[str, str], path: str) -> None:
    with gallery.scene.database.write() as db:
        opened = use_link(db, new_link(db, SYSTEM, gallery.scene.anna.user_id or ""), 3600)
    assert opened is not None
    gallery.http.cookies.set("galleria_session", opened.token, path="/gallery")
    head = gallery.http.head(filled(path, ids))
    assert (head.content, downloads(gallery)) == (b"", 0)
    whole = gallery.http.get(filled(path, ids))
    assert head.status_code == whole.status_code == (404 if "nothing" in path else 200)
    names = [name for name in SAME if name != "content-length" or "outputs" in path or "package" in path]
    assert {name: head.headers.get(name) for name in names} == {name: whole.headers.get(name) for name in names}


def test_a_range_is_headed_too(gallery: Gallery, ids: dict[str, str]) -> None:
    path = filled("/gallery/api/v1/jobs/{jobId}/output/{outputId}/", ids)
    head = gallery.call("HEAD", path, headers={"Range": "bytes=1-2"})
    assert (head.status_code, head.content, head.headers["content-range"], head.headers["content-length"]) == (206, b"", "bytes 1-2/4", "2")


@pytest.mark.parametrize("endpoint", surface(), ids=str)
@pytest.mark.parametrize("mount", ["/gallery/api", "/webapi"])
def test_options_needs_no_key(gallery: Gallery, ids: dict[str, str], endpoint: Endpoint, mount: str) -> None:
    path = mount + filled(endpoint.classic if mount == "/gallery/api" else endpoint.web, ids)
    answer = gallery.http.options(path, headers={"Origin": "null", "Access-Control-Request-Method": endpoint.method})
    assert (answer.status_code, answer.content) == (200, b"")
    assert endpoint.method in answer.headers["access-control-allow-methods"]
    assert {endpoint.method, "HEAD", "OPTIONS"} <= set(answer.headers["allow"].split(", "))


def test_another_method_is_told_which_there_are(gallery: Gallery) -> None:
    answer = gallery.call("DELETE", "/gallery/api/v1/workflows/subscription/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_an_answer_that_would_go_on_ends_with_its_head() -> None:
    app = FastAPI()

    async def news() -> AsyncGenerator[bytes]:
        yield b"data: 1"
        await asyncio.sleep(3600)

    app.add_api_route("/news", lambda: StreamingResponse(news(), media_type="text/event-stream"))
    answer = TestClient(AnswersHead(app)).head("/news")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "text/event-stream; charset=utf-8", b"")
