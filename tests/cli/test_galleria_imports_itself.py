"""A seeded server, read as a stranger's by `galleria import server` into an empty one; then both are asked the same."""

import io
import json
import time
import zipfile
from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alteryx_gallery_py.subscriptions import Subscriptions
from sqlalchemy import func, select

from galleria.errors import UnauthorizedError
from galleria.gallery.audit.records import AuditEvent
from galleria.gallery.bringing.lists import Reader
from galleria.gallery.bringing.server import Access, reading
from galleria.gallery.bringing.there import World
from galleria.gallery.keys.service import Pair
from galleria.gallery.schedules.service import list_schedules
from galleria.gallery.users.service import UserChange, change_user, find_by_email
from galleria.gallery.workflows.file import publish_file
from tests.cli.seed import Seeded, gallery_in, seed
from tests.cli.serving import Served, galleria, json_of, keys_of, served
from tests.clients.test_the_whole_way import PATIENCE_S, WORKFLOW
from tests.gallery.scene import SYSTEM

LISTS = (
    "/admin/v2/users/",
    "/admin/v1/subscriptions/",
    "/admin/v1/workflows/",
    "/admin/v1/insights/",
    "/admin/v1/schedules/",
    "/admin/v1/collections/",
    "/admin/v2/schedule/forecast/?after=2026-12-01T00:00:00Z&before=2026-12-20T00:00:00Z",
    "/admin/v1/workflows/migratable/",
)
OF_THE_SERVER = frozenset(
    "dateAdded dateUpdated uploadDate lastUpdated publishedVersionId revisionId publishedVersionNumber version creationTime "
    "lastModifiedDate lastModifiedId addedById updateLastLoginDate userGroups".split()
)
"""What is each server's own: when it was made there, by whom; groups, which no admin API tells."""


@dataclass(frozen=True)
class Both:
    old: Served
    new: Served
    old_folder: Path
    new_folder: Path
    seeded: Seeded
    first: Any
    """What the first import reported."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Generator[Both]:
    folder = tmp_path_factory.mktemp("move")
    old, new = folder / "old", folder / "new"
    with gallery_in(old) as parts:
        seeded = seed(parts, folder)
    keys = folder / "keys.csv"
    lines = [("boss@example.com", seeded.boss), ("ANNA@example.com", seeded.anna), ("Sales", seeded.studio)]
    keys.write_text("who,key,secret\n" + "".join(f"{who},{pair.key},{pair.secret}\n" for who, pair in lines), "utf-8")
    with served(old, folder / "old.log") as there:
        first = bring(there, new, seeded.boss, "--keep-ids", "--keys", str(keys))
        with served(new, folder / "new.log", WORKER="true", WORKER_TAGS="big") as here:
            yield Both(there, here, old, new, seeded, first)


def bring(there: Served, folder: Path, pair: Pair, *more: str) -> Any:
    return json_of(galleria(folder, "import", "server", there.url, "--json", *more, **keys_of(pair)))


def comparable(value: Any) -> Any:
    """JSON without what is each server's own, lists of things in the order of their ids."""
    if isinstance(value, dict):
        return {name: comparable(member) for name, member in value.items() if name not in OF_THE_SERVER}
    if isinstance(value, list):
        return sorted((comparable(member) for member in value), key=lambda member: json.dumps(member, sort_keys=True))
    return value


def without_the_app(path: str, answer: Any) -> Any:
    """The schedule of the app comes paused, as its answers are told by nobody; that is looked at by itself."""
    if "schedule" in path:
        return [one for one in answer if "asks" not in (one.get("name"), one.get("scheduleName"))]
    return answer


@pytest.mark.parametrize("path", LISTS)
def test_both_servers_answer_the_same(both: Both, path: str) -> None:
    old, new = both.old.get(path, both.seeded.boss), both.new.get(path, both.seeded.boss)
    assert (old.status_code, new.status_code) == (200, 200)
    assert old.json(), "an empty list compares nothing"
    assert comparable(without_the_app(path, new.json())) == comparable(without_the_app(path, old.json()))


def test_packages_hold_the_same_files(both: Both) -> None:
    for app in (both.seeded.sales, both.seeded.vendor, both.seeded.app):
        path = f"/admin/v1/{app}/package/"
        old, new = (zipfile.ZipFile(io.BytesIO(server.get(path, both.seeded.boss).content)) for server in (both.old, both.new))
        assert {name: new.read(name) for name in new.namelist()} == {name: old.read(name) for name in old.namelist()}


def test_the_report_says_what_will_run_and_what_not(both: Both) -> None:
    assert (both.first["willRun"], both.first["willNotRun"]) == (2, 1)
    assert both.first["stoppedBy"] == {"Vendor.Special.Special": [both.seeded.vendor]}
    assert both.first["connections"] == ["Warehouse (ODBC)"]
    assert {line["deed"] for line in both.first["things"]} == {"brought"}
    assert both.first["counts"]["schedule"] == {"brought": 9}
    assert both.first["workerTags"] == ["big", "gpu"]
    assert any("credentials" in what for what in both.first["notTold"])
    assert both.first["oddities"] == []


def test_a_schedule_whose_answers_nobody_tells_comes_paused(both: Both) -> None:
    [line] = [line for line in both.first["things"] if line["name"] == "asks"]
    assert line["notes"] == ["paused: the API does not tell the answers to the app's questions"]
    paused = {one["name"]: one["enabled"] for one in both.new.get("/admin/v1/schedules/", both.seeded.boss).json()}
    assert (paused["asks"], paused["Daily"]) == (False, True)


def test_groups_that_no_api_tells_are_counted(both: Both) -> None:
    [line] = [line for line in both.first["things"] if line["thing"] == "collection"]
    assert line["notes"] == ["1 groups could not be brought"]


def test_a_client_with_yesterdays_id_and_key_goes_on_working(both: Both) -> None:
    client = Subscriptions(both.seeded.studio.key, both.seeded.studio.secret, both.new.url)
    job = client.create_job(both.seeded.sales)
    until = time.monotonic() + PATIENCE_S
    while job["status"] != "Completed" and time.monotonic() < until:
        time.sleep(0.05)
        job = client.get_job(job["id"])
    assert (job["status"], job["disposition"]) == ("Completed", "Success"), job
    [output] = job["outputs"]
    assert client.get_job_output(job["id"], output["id"], format="Csv").decode("utf-8-sig").splitlines()[1] == "East,10"


def test_the_web_api_tells_the_same_with_a_bearer_token(both: Both) -> None:
    worlds: list[World] = []
    for url in (both.old.url, both.old.url.replace("/gallery", "/webapi")):
        with reading(Access(url, both.seeded.boss.key, both.seeded.boss.secret)) as server:
            world = Reader(server, page_size=2).world()
            window = (datetime.min, datetime.max)
            # What the Web API took from older answers.
            studios = tuple(replace(studio, worker_tag="") for studio in world.studios)
            worlds.append(replace(world, forecast_window=window, forecast=None, studios=studios))
    assert worlds[0] == worlds[1]
    wrong = Access(both.old.url.replace("/gallery", "/webapi"), both.seeded.boss.key, "wrong")
    with reading(wrong) as server, pytest.raises(UnauthorizedError, match="does not accept the key"):
        server.read("/admin/v1/users")


def test_people_read_what_will_run_and_what_to_do(both: Both, tmp_path: Path) -> None:
    done = galleria(tmp_path / "third", "import", "server", both.old.url, "--paused", **keys_of(both.seeded.boss))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "2 workflows will run, 1 will not yet" in lines
    assert "    1 stopped by Vendor.Special.Special" in lines
    assert "  data connection Warehouse (ODBC): make it anew, with its password" in lines
    assert "jobs wait for workers with the tags big, gpu (GALLERIA_WORKER_TAGS)" in lines
    assert any(line.startswith("brought      workflow") and line.endswith(": will run") for line in lines)
    with gallery_in(tmp_path / "third") as parts, parts.database.read() as db:
        assert not any(schedule.is_enabled for schedule in list_schedules(db, SYSTEM))


def test_no_secret_is_in_what_is_printed(both: Both) -> None:
    text = json.dumps(both.first)
    assert not any(pair.secret in text for pair in (both.seeded.boss, both.seeded.anna, both.seeded.studio))


def test_a_second_import_changes_nothing_and_a_third_what_has_changed(both: Both, tmp_path: Path) -> None:
    """Last, because it changes the old server."""
    before = events_in(both.new_folder)
    second = bring(both.old, both.new_folder, both.seeded.boss, "--keep-ids")
    assert {line["deed"] for line in second["things"]} == {"unchanged"}
    assert (second["willRun"], second["willNotRun"]) == (2, 1)
    assert events_in(both.new_folder) == before

    document = tmp_path / "Sales.yxmd"
    document.write_text(WORKFLOW.replace("<c>East</c>", "<c>North</c>"), "utf-8")
    with gallery_in(both.old_folder) as parts:
        publish_file(parts.database, SYSTEM, parts.storage, document, version_of=both.seeded.sales)
        with parts.database.write() as db:
            vera = find_by_email(db, "vera@example.com")
            assert vera is not None
            change_user(db, SYSTEM, vera.id, UserChange(is_active=True, first_name="Vera"))
    third = bring(both.old, both.new_folder, both.seeded.boss, "--keep-ids")
    changed = {line["name"] for line in third["things"] if line["deed"] != "unchanged"}
    assert changed == {"Sales", "vera@example.com"}
    [sales] = [one for one in both.new.get("/admin/v1/workflows/", both.seeded.boss).json() if one["id"] == both.seeded.sales]
    assert sales["version"] == 2


def events_in(folder: Path) -> int:
    with gallery_in(folder) as parts, parts.database.read() as db:
        return db.scalar(select(func.count()).select_from(AuditEvent)) or 0
