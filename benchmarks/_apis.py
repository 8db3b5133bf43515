"""The lists of the APIs, asked for with signed requests: first page, last page, filtered; and whole, as old clients ask for them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi.testclient import TestClient
from oauthlib.oauth1 import SIGNATURE_TYPE_QUERY, Client

from galleria.bootstrap import application
from galleria.gallery.actors import Actor, Role
from galleria.gallery.keys import service as keys
from galleria.gallery.keys.service import Pair
from galleria.http.parts import Parts

GOAL_MS = 50
WHOLE_GOAL_MS = 15_000
"""Of a list of 100,000 workflows, or of all the runs of one."""
PAGE = 25
_SERVER = "http://testserver"
Timed = Callable[[Callable[[], int]], tuple[int, float, int]]
"""Gives status, median milliseconds and queries."""


@dataclass(frozen=True)
class Size:
    workflows: int
    jobs: int
    app: str
    """One with many jobs."""
    app_jobs: int


def paths(size: Size) -> Mapping[str, list[str]]:
    """List what is asked for, by whose key signs."""
    mine, last = size.workflows // 2 - PAGE, size.workflows - PAGE
    listed, all_of_them = "/v1/workflows/subscription/", "/admin/v1/workflows/"
    runs = f"/v1/workflows/{size.app}/jobs/"
    return {
        "studio": [
            *(f"{listed}?offset={offset}&limit={PAGE}" for offset in (0, mine // 2, mine)),
            f"{listed}?search=rates&limit={PAGE}",
            f"{listed}?search=no+such+words&limit={PAGE}",
            f"{listed}?sortField=name&direction=asc&offset={mine}&limit={PAGE}",
            f"{listed}?packageType=1&sortField=runcount&direction=desc&limit={PAGE}",
            *(f"{runs}?offset={offset}&limit={PAGE}" for offset in (0, size.app_jobs // 2, size.app_jobs - PAGE)),
            f"{runs}?sortField=createdate&direction=asc&limit={PAGE}",
        ],
        "curator": [
            *(f"{all_of_them}?offset={offset}&limit={PAGE}" for offset in (0, last // 2, last)),
            f"{all_of_them}?search=rates&limit={PAGE}",
            f"{all_of_them}?search={size.app}&limit={PAGE}",
            f"{all_of_them}?sortField=owner&direction=asc&offset={last}&limit={PAGE}",
            *(f"{all_of_them}all/?page={page}&pageSize={PAGE}" for page in (0, last // PAGE)),
            f"{all_of_them}all/?startDate=2026-01-01&page=0&pageSize={PAGE}",
            f"/admin/v2/workflows/all/?name=Workflow+100+rates&page=0&pageSize={PAGE}",
            f"/admin/v2/workflows/all/?useEvents=true&startDate=2026-01-01&page=0&pageSize={PAGE}",
            f"{all_of_them}jobs/?appIds={size.app}",
            f"{all_of_them}migratable/",
            *(f"/admin/v1/auditlog/?page={page}&pageSize={PAGE}" for page in (1, 2)),
            f"/admin/v1/auditlog/?entity=User&page=1&pageSize={PAGE}",
            *(f"/admin/v1/{one}/?page=1&pageSize={PAGE}" for one in ("users", "subscriptions", "collections", "schedules")),
        ],
    }


def whole_lists(size: Size) -> Mapping[str, list[str]]:
    """List what is asked for without pages, by whose key signs."""
    return {
        "studio": ["/v1/workflows/subscription/", f"/v1/workflows/{size.app}/jobs/"],
        "curator": [f"/admin/v1/workflows/{one}" for one in ("", "all/", "jobs/")],
    }


def ask_apis(parts: Parts, people: Mapping[Role, Actor], size: Size, timed: Timed) -> list[str]:
    """Print what each list takes; gives those above the goal."""
    http = TestClient(application(parts), _SERVER)
    artisan, curator = people[Role.ARTISAN], people[Role.CURATOR]
    with parts.database.write() as db:
        pairs = {
            "studio": keys.studio_keys(db, artisan, artisan.subscription_id or ""),
            "curator": keys.user_keys(db, curator, curator.user_id or ""),
        }
    slow: list[str] = []
    for who, asked in paths(size).items():
        for path in asked:
            status, ms, queries = timed(lambda path=path, pair=pairs[who]: _get(http, pair, path))
            mark = "" if ms < GOAL_MS and status == 200 else "  above the goal"
            slow += [path] if mark else []
            print(f"{who:8} {path.replace(size.app, 'ID'):75} {status}  {ms:7.1f} ms  {queries:3} queries{mark}")
    for who, asked in whole_lists(size).items():
        for path in asked:
            started = time.perf_counter()
            status = _get(http, pairs[who], path)
            ms = 1000 * (time.perf_counter() - started)
            mark = "" if ms < WHOLE_GOAL_MS and status == 200 else "  above the goal"
            slow += [path] if mark else []
            print(f"{who:8} {path.replace(size.app, 'ID'):75} {status}  {ms:7.1f} ms{mark}")
    return slow


def _get(http: TestClient, pair: Pair, path: str) -> int:
    url = Client(pair.key, pair.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(f"{_SERVER}/gallery/api{path}")[0]
    return http.get(url).status_code
