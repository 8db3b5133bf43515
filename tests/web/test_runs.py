"""Runs by their state, and the canvas of one: how many records passed each connection, while it runs and when it is over."""

import re

import pytest

from galleria.gallery.jobs.dispatch import Outcome, Worker, add_messages, claim, finish
from galleria.gallery.jobs.service import NewJob, queue
from tests.web.conftest import House

NODES = [
    {"id": 1, "x": 54, "y": 54, "name": "Input Data", "plugin": "A.DbFileInput.DbFileInput", "kind": "tool", "outputs": ["Output"]},
    {
        "id": 6,
        "x": 154,
        "y": 54,
        "name": "Filter",
        "plugin": "A.Filter.Filter",
        "kind": "tool",
        "inputs": ["Input"],
        "outputs": ["True", "False"],
    },
    {"id": 7, "x": 254, "y": 54, "name": "Browse", "plugin": "A.BrowseV2.BrowseV2", "kind": "tool", "inputs": ["Input"]},
]
WIRES = [
    {"from": 1, "from_anchor": "Output", "to": 6, "to_anchor": "Input"},
    {"from": 6, "from_anchor": "True", "to": 7, "to_anchor": "Input"},
]
PROGRESS = {"done": 1, "steps": 2, "tools": [{"toolId": 6, "name": "Filter"}], "records": {"1": {"Output": 1234567}}, "read": {}}


@pytest.mark.parametrize(
    ("query", "anna", "curator"),
    [
        ("state=queued", 1, 1),
        ("state=running", 1, 0),
        ("state=queued&all=1", 1, 2),
        ("state=running&all=1", 1, 1),
        ("state=succeeded", 0, 0),
    ],
)
def test_runs_of_one_state_are_ones_own_or_all_that_one_sees(house: House, query: str, anna: int, curator: int) -> None:
    with house.parts.database.write() as db:
        for actor in (house.anna, house.anna, house.curator):
            queue(db, actor, NewJob(house.scene.workflow_id))
        assert len(claim(db, Worker("w"))) == 1
    for actor, count in ((house.anna, anna), (house.curator, curator)):
        links = house.visit(actor).page(f"/runs?{query}").links
        assert len({link for link in links if re.fullmatch(r"/gallery/runs/[0-9a-f]{24}", link)}) == count


def test_records_are_written_on_the_wires(house: House) -> None:
    app = house.workflow(canvas={"nodes": NODES, "wires": WIRES})
    with house.parts.database.write() as db:
        job = queue(db, house.anna, NewJob(app)).id
    visit = house.visit(house.anna)
    assert "1,234,567" not in visit.page(f"/runs/{job}").text
    with house.parts.database.write() as db:
        [claimed] = claim(db, Worker("w"))
        add_messages(db, claimed.lease, [], PROGRESS)
    running = visit.page(f"/runs/{job}")
    assert "1,234,567" in running.text
    assert [given["data-source"] for _tag, given in running.tags if given.get("class") == "wire-count"] == ["1:Output", "6:True"]
    # What is fetched again and again leaves the drawing out, and the page keeps it.
    part = visit.page(f"/runs/{job}?part=live")
    assert "1,234,567" not in part.text
    assert "run-canvas" in part.ids
    with house.parts.database.write() as db:
        finish(db, claimed.lease, Outcome.SUCCESS, progress={**PROGRESS, "records": {"1": {"Output": 3}, "6": {"True": 0, "False": 3}}})
    over = visit.page(f"/runs/{job}")
    counts = [text for text in over.text.split() if text in ("3", "0", "1,234,567")]
    assert counts[:2] == ["3", "0"]


def test_a_workflows_own_page_counts_nothing(house: House) -> None:
    app = house.workflow(canvas={"nodes": NODES, "wires": WIRES})
    assert not [given for _, given in house.visit(house.anna).page(f"/app/x/{app}").tags if given.get("class") == "wire-count"]
