"""The pages of districts: curators lay them out and fill them, everybody walks through them."""

import re

import pytest

from galleria.gallery.districts.service import DistrictChange, change_district, create_district
from galleria.gallery.workflows.placing import place_workflow
from tests.gallery.scene import SYSTEM
from tests.web.conftest import House


@pytest.fixture
def finance(house: House) -> str:
    """With Anna's workflow in it."""
    with house.parts.database.write() as db:
        made = create_district(db, SYSTEM, "Finance <b>", "For *the books*\n\nof all branches")
        place_workflow(db, SYSTEM, house.scene.workflow_id, [made.id])
    return made.id


def test_a_curator_lays_one_out_and_puts_a_workflow_there(house: House) -> None:
    cora = house.visit(house.curator)
    assert "No district yet" in cora.page("/admin/districts").text
    made = cora.post("/admin/districts", {"title": "Stores", "description": "Daily"})
    district_id = re.findall("[0-9a-f]{24}", str(made.url))[-1]
    app = f"/app/x/{house.scene.workflow_id}"
    cora.post(f"{app}/districts", {"district": district_id, "back": f"{app}/details"})
    assert "Rates" in cora.page(f"/admin/districts/{district_id}").text
    assert f"/gallery/?district={district_id}" in house.visit(house.anna).page(app).links
    cora.post(f"{app}/districts", {"without": district_id, "back": "/admin/districts"})
    assert "None yet" in cora.page(f"/admin/districts/{district_id}").text
    cora.post(f"/admin/districts/{district_id}", {"title": "Shops", "description": "Weekly"})
    assert "hidden" in cora.page("/districts").text
    cora.post(f"/admin/districts/{district_id}/delete")
    assert "No district yet" in cora.page("/districts").text


def test_people_walk_through_it_from_the_first_page(house: House, finance: str) -> None:
    anna = house.visit(house.anna)
    assert f"/gallery/?district={finance}" in anna.page("/").links
    listed = anna.page("/districts")
    assert "1 workflow" in listed.text
    inside = anna.get(f"/?district={finance}&sort=name")
    assert "Finance &lt;b&gt;" in inside.text
    assert "<em>the books</em>" in inside.text
    page = anna.page(f"/?district={finance}&sort=name")
    assert "Rates" in page.text
    assert "/gallery/?sort=name" in page.links
    assert "Nothing found" in anna.page(f"/?district={finance}&q=elsewhere").text


def test_what_one_may_not_see_is_not_counted(house: House, finance: str) -> None:
    vera = house.visit(house.viewer)
    assert "0 workflows" in vera.page("/districts").text
    assert "Nothing found" in vera.page(f"/?district={finance}").text


def test_a_hidden_or_unknown_one_is_not_found(house: House, finance: str) -> None:
    with house.parts.database.write() as db:
        change_district(db, SYSTEM, finance, DistrictChange(is_active=False))
    anna = house.visit(house.anna)
    assert "Finance" not in anna.page("/").text + anna.page("/districts").text
    assert anna.get(f"/?district={finance}").status_code == anna.get("/?district=" + "0" * 24).status_code == 404
    assert "Rates" in house.visit(house.curator).page(f"/?district={finance}").text
