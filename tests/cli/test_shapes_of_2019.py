"""`GALLERIA_COMPATIBILITY=2019.1`: a real server leaves out what came later, wherever the admin APIs would say it."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from galleria.gallery.schedules.recurrence import Iteration, Kind
from galleria.gallery.schedules.service import NewSchedule, create_schedule
from galleria.settings import Settings
from tests.cli.serving import Served
from tests.clients.running import running_server
from tests.gallery.scene import SYSTEM

LATER = ("isE2", "runWithE2", "amp")


@pytest.mark.parametrize(("compatibility", "has_later"), [("2019.1", False), ("", True)])
def test_a_server_leaves_out_what_came_later_only_when_told_so(tmp_path: Path, compatibility: str, has_later: bool) -> None:
    with running_server(tmp_path / "data", COMPATIBILITY=compatibility) as server:
        scene = server.scene
        with scene.database.write() as db:
            rule = Iteration(Kind.DAILY, datetime(2024, 1, 1))
            create_schedule(db, SYSTEM, NewSchedule(scene.workflow_id, rule, owner_id=scene.anna.user_id))
        served = Served(f"{server.url}/gallery")
        texts = [served.get("/v1/workflows/subscription/", server.studio).text]
        paths = ("/admin/v1/workflows/", "/admin/v1/workflows/all/", "/admin/v2/workflows/all/", "/admin/v1/schedules/")
        texts += [served.get(path, server.curator).text for path in paths]
    for text in texts:
        assert json.loads(text), "an empty list says nothing"
        assert any(f'"{name}"' in text for name in LATER) is has_later, text


def test_no_other_year_is_taken_silently() -> None:
    with pytest.raises(ValidationError, match=r"2019\.1"):
        Settings(compatibility="2018.4")  # pyright: ignore[reportArgumentType] - wrong on purpose
