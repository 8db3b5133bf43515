"""Lists of everything are the same whether they are written at once or part by part."""

import json
from collections.abc import Sequence

import pytest
from fastapi.responses import StreamingResponse

from galleria.api import long_lists
from galleria.api.long_lists import answer_list
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.workflows.changes import delete_workflow
from tests.api.gallery import Gallery, run_next
from tests.gallery.scene import SYSTEM, a_workflow

LISTS = [
    ("studio", "/gallery/api/v1/workflows/subscription/", 6),
    ("studio", "/gallery/api/v1/workflows/subscription/?sortField=name&direction=asc&offset=1", 5),
    ("studio", "/gallery/api/v1/workflows/{app}/jobs/", 5),
    ("studio", "/gallery/api/v1/workflows/{app}/jobs/?sortField=createdate&direction=asc&offset=1", 4),
    ("curator", "/gallery/api/admin/v1/workflows/", 6),
    ("curator", "/gallery/api/admin/v1/workflows/?sortField=owner", 6),
    ("curator", "/gallery/api/admin/v1/workflows/all/", 7),
    ("curator", "/gallery/api/admin/v2/workflows/all/", 7),
    ("curator", "/gallery/api/admin/v1/workflows/jobs/", 2),
]


@pytest.fixture
def full(gallery: Gallery) -> Gallery:
    """Six workflows and one that was deleted; five runs of one, one of another."""
    scene = gallery.scene
    apps = [a_workflow(scene.database, scene.storage, scene.folder, scene.anna) for _ in range(6)]
    with scene.database.write() as db:
        delete_workflow(db, SYSTEM, apps[0])
        for app in [scene.workflow_id] * 5 + apps[1:2]:
            queue(db, scene.anna, NewJob(app))
    run_next(scene, files={"a.csv": b"a"})
    return gallery


@pytest.mark.parametrize(("who", "path", "count"), LISTS, ids=[path for _, path, _ in LISTS])
def test_a_list_in_parts_is_the_list(full: Gallery, monkeypatch: pytest.MonkeyPatch, who: str, path: str, count: int) -> None:
    pair, path = getattr(full, who), path.format(app=full.scene.workflow_id)
    whole = full.get(path, pair=pair)
    monkeypatch.setattr(long_lists, "PART", 2)
    parts = full.get(path, pair=pair)
    assert (whole.status_code, parts.status_code, parts.headers["content-type"]) == (200, 200, "application/json")
    assert parts.text == whole.text
    # A list of two is one part.
    assert ("content-length" in parts.headers) is (count <= 2)
    assert len(whole.json()) == count


@pytest.mark.anyio
@pytest.mark.parametrize("gone", [(), (0, 1), (2, 3), (4,), (0, 1, 2, 3, 4)])
async def test_what_goes_meanwhile_is_left_out(monkeypatch: pytest.MonkeyPatch, gone: tuple[int, ...]) -> None:
    monkeypatch.setattr(long_lists, "PART", 2)

    def shaped(keys: Sequence[int]) -> Sequence[object]:
        return [{"n": key, "text": "é"} for key in keys if key not in gone]

    answer = answer_list(range(5), shaped)
    assert isinstance(answer, StreamingResponse)
    written = b"".join([bytes(part) async for part in answer.body_iterator])
    assert [one["n"] for one in json.loads(written)] == [key for key in range(5) if key not in gone]
