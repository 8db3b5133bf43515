"""Finding things: filters of the first page, the search over everything, suggestions; rights come before counting."""

import pytest

from galleria.gallery.actors import Actor
from galleria.gallery.collections import service as collections
from galleria.gallery.connections.service import NewConnection, create_connection
from galleria.gallery.jobs.service import NewJob, queue
from galleria.gallery.shares.records import Party, Shared
from galleria.gallery.workflows.changes import WorkflowChange, change_workflow, set_tags
from tests.databases import KINDS
from tests.gallery.scene import SYSTEM
from tests.gallery.test_triggers import run
from tests.web.conftest import House

CANVAS = {
    "nodes": [{"id": 1, "x": 0, "y": 0, "name": "CrossTab", "kind": "tool", "fields": {"Output": [["Turnover", "Double"]]}}],
    "wires": [],
}


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def shop(house: House) -> dict[str, str]:
    """Rates (Anna's, broken), Sales (Anna's app, shared with the viewer, tagged), Secret (the curator's)."""
    sales = house.workflow(file_name="Sales.yxwz", kind="app", canvas=CANVAS)
    broken = house.workflow(file_name="Broken.yxmd", tools=[{"tool_id": 1, "plugin": "X", "supported": False}])
    with house.parts.database.write() as db:
        set_tags(db, house.anna, sales, ["Money & more"])
        change_workflow(db, house.anna, sales, WorkflowChange(description="Monthly figures"))
        shelf = collections.create_collection(db, SYSTEM, "Shelf", owner_id=house.anna.user_id)
        collections.add_item(db, SYSTEM, shelf.id, Shared.WORKFLOW, sales)
        collections.share_collection(db, SYSTEM, shelf.id, collections.Membership(Party.USER, house.viewer.user_id or ""))
        job = queue(db, house.anna, NewJob(sales)).id
        create_connection(db, SYSTEM, NewConnection("Warehouse of sales", "Driver=x", "ODBC"))
    return {"sales": sales, "broken": broken, "shelf": shelf.id, "job": job}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Broken", "Sales", "Rates"]),
        ("?scope=mine", ["Broken", "Sales", "Rates"]),
        ("?scope=shared", []),
        ("?scope=studio", ["Broken", "Sales", "Rates"]),
        ("?scope=nonsense&sort=nonsense&kind=nonsense&status=nonsense", ["Broken", "Sales", "Rates"]),
        ("?kind=app", ["Sales"]),
        ("?status=partly", ["Broken"]),
        ("?status=runs&sort=name", ["Rates", "Sales"]),
        ("?tag=money+%26+more", ["Sales"]),
        ("?tag=money", []),
        ("?collection={shelf}", ["Sales"]),
        ("?collection={shelf}&status=partly", []),
        ("?q=turnover", ["Sales"]),
    ],
)
def test_the_first_page_is_narrowed_by_choices(house: House, shop: dict[str, str], query: str, names: list[str]) -> None:
    assert listed(house, house.anna, query.format(**shop)) == names


def listed(house: House, actor: Actor, query: str) -> list[str]:
    page = house.visit(actor).page(f"/{query}")
    ids = [given["data-text"] for tag, given in page.tags if tag == "button" and given.get("class") == "copy"]
    with house.parts.database.read() as db:
        from galleria.gallery.workflows.service import workflows_by_id

        named = workflows_by_id(db, [str(one) for one in ids])
    return [named[str(one)].name for one in ids]


def test_what_is_shared_is_told_from_ones_own(house: House, shop: dict[str, str]) -> None:
    assert listed(house, house.viewer, "?scope=shared") == ["Sales"]
    assert listed(house, house.viewer, "?scope=mine") == []
    assert house.visit(house.viewer).get("/?collection=" + "0" * 24).status_code == 404


def test_other_peoples_studios_are_named_to_curators_only(house: House, shop: dict[str, str]) -> None:
    studio = house.anna.subscription_id
    assert "studio: " in house.visit(house.curator).page(f"/?studio={studio}").text
    assert "studio: " in house.visit(house.anna).page(f"/?studio={studio}").text
    assert "studio: " not in house.visit(house.viewer).page(f"/?studio={studio}").text


def test_a_search_finds_every_kind_of_thing(house: House, shop: dict[str, str]) -> None:
    page = house.visit(house.curator).page("/search?q=sales")
    for words in ("1 workflow", "Monthly figures", "Warehouse of sales", "Queued"):
        assert words in page.text, words
    assert "Shelf" in house.visit(house.viewer).page("/search?q=shelf").text
    assert f"/gallery/runs/{shop['job']}" in house.visit(house.anna).page(f"/search?q={shop['job']}").links


def test_totals_are_told_by_kind(house: House, shop: dict[str, str]) -> None:
    page = house.visit(house.anna).page("/search?q=anna")
    assert "3 workflows" in page.text
    assert "Workflows 2" in page.text
    assert "Apps 1" in page.text


def test_nothing_that_is_not_the_visitors_is_found_or_counted(house: House, shop: dict[str, str]) -> None:
    viewer = house.visit(house.viewer)
    page = viewer.page("/search?q=anna")
    assert "1 workflow" in page.text
    assert "Broken" not in page.text
    assert "Nothing found" in viewer.page(f"/search?q={shop['job']}").text
    assert "Warehouse" not in viewer.page("/search?q=warehouse").text
    assert "Broken" not in viewer.page("/search/suggestions?q=broken").text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sal", "App"),
        ("turnover", "tool or field turnover"),
        ("cross sales", "tool or field cross tab"),
        ("money", "tag money & more"),
        ("anna", "by anna"),
        ("monthly", "in its description"),
    ],
)
def test_suggestions_tell_where_the_words_were_found(house: House, shop: dict[str, str], words: str, said: str) -> None:
    page = house.visit(house.anna).page(f"/search/suggestions?q={words}")
    assert said in page.text
    assert any(shop["sales"] in link for link in page.links)
    assert page.links[-1].startswith("/gallery/search?q=")


def test_an_empty_box_suggests_nothing(house: House) -> None:
    assert house.visit(house.anna).page("/search/suggestions").links == []


def test_results_are_found_by_what_they_are_called(house: House, shop: dict[str, str]) -> None:
    job_id = run(house.scene, files=["Turnover of May.yxdb"])
    page = house.visit(house.anna).page("/search?q=may+turnover")
    assert ("1 output of such a name" in page.text, f"/gallery/runs/{job_id}" in page.links) == (True, True)
    page = house.visit(house.viewer).page("/search?q=may+turnover")
    assert ("of such a name" in page.text, f"/gallery/runs/{job_id}" in page.links) == (False, False)
