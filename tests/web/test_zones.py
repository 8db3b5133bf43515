"""Moments are told in the reader's time zone: of his profile, else of his browser."""

import pytest

from tests.web.conftest import House


@pytest.mark.parametrize(
    ("profile", "browser", "told"),
    [
        ("", "", "UTC"),
        ("", "Europe/Berlin", "Europe/Berlin"),
        ("America/Lima", "Europe/Berlin", "America/Lima"),
        # What is no zone is none.
        ("", "Europe", "UTC"),
        ("", "../../etc/passwd", "UTC"),
        ("", "Nowhere/" * 20, "UTC"),
    ],
)
def test_the_zone_is_that_of_the_profile_or_else_of_the_browser(house: House, profile: str, browser: str, told: str) -> None:
    visit = house.visit(house.anna)
    visit.post("/profile", {"first_name": "Anna", "last_name": "A", "timezone": profile})
    visit.http.cookies.set("galleria_zone", browser, path="/gallery")
    page = visit.page(f"/app/x/{house.scene.workflow_id}/schedules/new")
    assert f"In your time, {told}:" in visit.post("/schedules/next", {"kind": "Daily", "date": "2031-01-01", "time": "07:00"}).text
    [given] = [attributes["value"] for tag, attributes in page.tags if tag == "input" and attributes.get("name") == "timezone"]
    assert given == ("" if told == "UTC" else told)
