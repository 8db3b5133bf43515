"""Moments are told in the reader's time zone: of his profile, else of his browser."""

from datetime import UTC, datetime

import pytest

from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.gallery.users.service import UserChange, change_user
from tests.gallery.scene import SYSTEM
from tests.web.conftest import House

DAILY = Iteration(Kind.DAILY, datetime(2031, 1, 1, 7, 0))


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


def test_reasons_and_the_audit_log_tell_moments_on_the_readers_clock(house: House) -> None:
    ended = Iteration(Kind.DAILY, datetime(2020, 7, 1, 12, 30), datetime(2020, 7, 2, 12, 30))
    with house.parts.database.write() as db:
        schedule = create_schedule(
            db, SYSTEM, NewSchedule(house.scene.workflow_id, DAILY, owner_id=house.anna.user_id, timezone="Europe/Paris")
        )
        schedule.iteration, schedule.next_run_at = ended.to_json(), None
        change_user(db, SYSTEM, house.viewer.user_id or "", UserChange(expires_at=datetime(2031, 7, 1, 12, 30, tzinfo=UTC)))
    cora = house.visit(house.curator)
    cora.post("/profile", {"first_name": "Cora", "last_name": "C", "timezone": "Asia/Tokyo"})
    assert "it ended at 2 July 2020, 19:30 ." in cora.page(f"/schedules/{schedule.id}").text
    audit = cora.page("/admin/audit").text
    assert "expires_at: 1 July 2031, 21:30" in audit
    assert "2031-07-01T12:30:00+00:00" not in audit
