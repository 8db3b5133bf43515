"""Who may call what, and about whose things: every endpoint behind both doors, as one table, over real HTTP.

A cell names the things that the caller reaches: his (o)wn, another one's of his (s)tudio, one that a (c)ollection shares with
him, a (p)ublic one, a (f)oreign one. Those behind `!` he sees, but may not do this with: 403. Every other one is answered exactly
as one that never was. `yes`: let in where it is nobody's thing; `-`: turned away with 401, whatever it is about. Lists give what
their cell names, and nothing else.
Nobody of `TURNED_AWAY` is let in anywhere. No denied call changes a row or a file.
"""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from oauthlib.oauth1 import SIGNATURE_TYPE_QUERY, Client

from galleria.api.classic.door import classic_door
from galleria.api.webapi import web_door
from tests.api.cast import OBJECTS, TURNED_AWAY, Caller, Thing, a_cast, a_trigger, digest
from tests.api.gallery import parts_of
from tests.clients.running import Running, running_server
from tests.gallery.scene import Scene

CLASSIC = """
endpoint                                      | studio | elsewhere | viewer | member | artisan | curator
GET /v1/workflows/subscription/               | os     | cpf       | -      | -      | -       | -
GET /v1/workflows/{appId}/questions/          | os     | cpf       | -      | -      | -       | -
POST /v1/workflows/{appId}/jobs/              | os     | cpf       | -      | -      | -       | -
GET /v1/workflows/{appId}/jobs/               | os     | cpf       | -      | -      | -       | -
GET /v1/jobs/{jobId}/                         | os     | cpf       | -      | -      | -       | -
GET /v1/jobs/{jobId}/output/{outputId}/       | os     | cpf       | -      | -      | -       | -
GET /v1/{appId}/package/                      | os     | cpf       | -      | -      | -       | -
GET /user/v2/credentials/                     | -      | -         | oc     | oc     | oc      | oc
POST /user/v2/inputfiles/                     | -      | -         | yes    | yes    | yes     | yes
POST /user/v2/workflows/{appId}/jobs/         | -      | -         | ocp    | oscp   | oscp    | oscpf
GET /admin/v1/{appId}/package/                | -      | -         | -      | -      | -       | oscpf
GET /admin/v1/auditlog/                       | -      | -         | -      | -      | -       | yes
GET /admin/v1/collections/                    | -      | -         | -      | -      | -       | yes
GET /admin/v1/insights/                       | -      | -         | -      | -      | -       | yes
GET /admin/v1/schedules/                      | -      | -         | -      | -      | -       | yes
GET /admin/v1/serverdataconnections/          | -      | -         | -      | -      | -       | yes
GET /admin/v1/subscriptions/                  | -      | -         | -      | -      | -       | yes
GET /admin/v1/systemdataconnections/          | -      | -         | -      | -      | -       | yes
GET /admin/v1/users/                          | -      | -         | -      | -      | -       | yes
POST /admin/v1/workflows/                     | -      | -         | -      | -      | -       | yes
GET /admin/v1/workflows/                      | -      | -         | -      | -      | -       | oscpf
GET /admin/v1/workflows/all/                  | -      | -         | -      | -      | -       | oscpf
GET /admin/v1/workflows/jobs/                 | -      | -         | -      | -      | -       | yes
GET /admin/v1/workflows/migratable/           | -      | -         | -      | -      | -       | yes
PUT /admin/v1/workflows/migratable/{appId}/   | -      | -         | -      | -      | -       | oscpf
GET /admin/v2/insights/                       | -      | -         | -      | -      | -       | yes
GET /admin/v2/schedule/forecast/              | -      | -         | -      | -      | -       | yes
GET /admin/v2/subscriptions/                  | -      | -         | -      | -      | -       | yes
GET /admin/v2/users/                          | -      | -         | -      | -      | -       | yes
GET /admin/v2/workflows/all/                  | -      | -         | -      | -      | -       | oscpf
"""
WEB = """
endpoint                                      | viewer | member | artisan | curator
GET /v1/workflows/subscription                | -      | -      | os      | os
GET /v1/workflows/{appId}/questions           | -      | -      | oscp    | oscpf
POST /v1/workflows/{appId}/jobs               | -      | -      | oscp    | oscpf
GET /v1/workflows/{appId}/jobs                | -      | -      | oscp    | oscpf
GET /v1/jobs/{jobId}                          | -      | -      | os      | oscpf
GET /v1/jobs/{jobId}/output/{outputId}        | -      | -      | os      | oscpf
GET /v1/workflows/{appId}/package             | -      | -      | oscp    | oscpf
GET /user/v2/credentials                      | -      | -      | oc      | oc
POST /user/v2/inputfiles                      | -      | -      | yes     | yes
POST /user/v2/workflows/{appId}/jobs          | -      | -      | oscp    | oscpf
GET /admin/v1/{appId}/package                 | -      | -      | -       | oscpf
GET /admin/v1/auditlog                        | -      | -      | -       | yes
GET /admin/v1/collections                     | -      | -      | -       | yes
GET /admin/v1/insights                        | -      | -      | -       | yes
GET /admin/v1/schedules                       | -      | -      | -       | yes
GET /admin/v1/serverdataconnections           | -      | -      | -       | yes
GET /admin/v1/subscriptions                   | -      | -      | -       | yes
GET /admin/v1/systemdataconnections           | -      | -      | -       | yes
GET /admin/v1/users                           | -      | -      | -       | yes
POST /admin/v1/workflows                      | -      | -      | -       | yes
GET /admin/v1/workflows                       | -      | -      | -       | oscpf
GET /admin/v1/workflows/all                   | -      | -      | -       | oscpf
GET /admin/v1/workflows/jobs                  | -      | -      | -       | yes
GET /admin/v1/workflows/migratable            | -      | -      | -       | yes
PUT /admin/v1/workflows/migratable/{appId}    | -      | -      | -       | oscpf
GET /admin/v2/insights                        | -      | -      | -       | yes
GET /admin/v2/schedule/forecast               | -      | -      | -       | yes
GET /admin/v2/subscriptions                   | -      | -      | -       | yes
GET /admin/v2/users                           | -      | -      | -       | yes
GET /admin/v2/workflows/all                   | -      | -      | -       | oscpf
GET /v3/workflows                             | -      | -      | oscp    | oscpf
GET /v3/users                                 | -      | -      | -       | yes
GET /v3/jobs/{job_id}/events                  | -      | -      | os      | oscpf
GET /v3/jobs/{job_id}/waiting                 | -      | -      | os      | oscpf
GET /v3/schedules/{schedule_id}/forecast      | -      | -      | oc      | oscpf
GET /v3/schedules/{schedule_id}/explanation   | -      | -      | oc      | oscpf
GET /v3/workflows/{workflow_id}/triggers      | -      | -      | os!cp   | oscpf
POST /v3/workflows/{workflow_id}/triggers     | -      | -      | os!cp   | oscpf
GET /v3/triggers/{trigger_id}                 | -      | -      | os      | oscpf
PATCH /v3/triggers/{trigger_id}               | -      | -      | os      | oscpf
GET /v3/triggers/{trigger_id}/deliveries      | -      | -      | os      | oscpf
DELETE /v3/triggers/{trigger_id}              | -      | -      | os      | oscpf
"""
DOORS = {"/gallery/api": CLASSIC, "/webapi": WEB}
DOCUMENT = (Path(__file__).parents[2] / "postman" / "sales.yxmd").read_bytes()
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "inputfiles": {"files": {"inputFile": ("input.csv", b"a,b\r\n")}},
    "POST /admin/v1/workflows": {"files": {"file": ("sales.yxmd", DOCUMENT)}, "data": {"name": "Sales", "owner": "zoe@example.com"}},
    "PUT /admin/v1/workflows/migratable": {"content": b"true"},
    "POST /v3/workflows/{workflow_id}/triggers": {"json": {"action": "mail", "events": ["failure"], "recipients": ["zoe@example.com"]}},
    "PATCH /v3/triggers/{trigger_id}": {"json": {"enabled": True}},
}


@dataclass(frozen=True)
class Row:
    door: str
    endpoint: str
    cells: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.door} {self.endpoint}"

    @property
    def method(self) -> str:
        return self.endpoint.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.door + self.endpoint.partition(" ")[2]

    def reached(self, caller: str) -> str:
        return self.cells.get(caller, "-").partition("!")[0]

    def refused(self, caller: str) -> str:
        """Things of which he knows."""
        return self.cells.get(caller, "-").partition("!")[2]


def rows(door: str) -> list[Row]:
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in DOORS[door].strip().splitlines()]
    return [Row(door, line[0], dict(zip(head[1:], line[1:], strict=True))) for line in lines]


ROWS = [row for door in DOORS for row in rows(door)]


def served_by(door: Any) -> set[str]:
    """List the endpoints of a door, without what is wrapped around it; the parameters of paths have no names."""
    while not isinstance(door, FastAPI):
        door = door._app
    routers = [route.original_router for route in door.routes if hasattr(route, "original_router")]
    routes = [route for router in routers for route in router.routes]
    assert len(routers) == len(door.routes)
    return {f"{method} {nameless(route.path)}" for route in routes for method in route.methods}


def nameless(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path).rstrip("/")


def test_every_endpoint_has_its_row(scene: Scene) -> None:
    parts = parts_of(scene)
    assert {nameless(row.endpoint) for row in rows("/gallery/api")} == served_by(classic_door(parts))
    # The one endpoint that is there for those who are nobody yet.
    assert {nameless(row.endpoint) for row in rows("/webapi")} | {"POST /oauth2/token"} == served_by(web_door(parts))


@dataclass(frozen=True)
class House:
    server: Running
    cast: Mapping[str, Caller]
    http: httpx2.Client

    def send(self, row: Row, caller: Caller, thing: Thing) -> httpx2.Response:
        ids = {"appId": thing.app_id, "jobId": thing.job_id, "outputId": thing.output_id, "workflow_id": thing.app_id} | vars(thing)
        url = (
            self.server.url + re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], row.path) + ("?format=Raw" if "output" in row.path else "")
        )
        headers: dict[str, str] = {}
        if row.door == "/webapi":
            headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
        elif caller.pair is not None:
            url = Client(caller.pair.key, caller.pair.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(url, row.method)[0]
        sent = next((request for words, request in REQUESTS.items() if words in row.endpoint), {})
        return self.http.request(row.method, url, headers=headers, **sent)

    def state(self) -> tuple[str, list[str]]:
        """Everything that a call could change: the database and the files."""
        folder = self.server.scene.folder / "storage"
        return digest(self.server.scene.database), sorted(str(path) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Generator[House]:
    with running_server(tmp_path_factory.mktemp("gallery")) as server, httpx2.Client(timeout=180) as http:
        yield House(server, a_cast(server.scene), http)


def seen_in(answer: httpx2.Response, things: Mapping[str, Thing]) -> str:
    """Name the things that a list holds."""
    ids = {one["id"] for one in answer.json()}
    return "".join(letter for letter in OBJECTS if ids & {things[letter].app_id, things[letter].credential_id})


def plain(answer: httpx2.Response, thing: Thing) -> tuple[int, str]:
    """An answer without the ids that were asked for."""
    return answer.status_code, re.sub("|".join(vars(thing).values()), "ID", answer.text)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_whoever_may_not_is_told_nothing_and_changes_nothing(house: House, row: Row) -> None:
    before = house.state()
    wrong: list[object] = []
    for name, caller in house.cast.items():
        reached = row.reached(name)
        if reached == "yes":
            continue
        unknown = house.send(row, caller, caller.things["u"])
        for letter in OBJECTS if "{" in row.path else "o":
            answer = house.send(row, caller, caller.things[letter]) if letter not in reached else None
            if answer is not None and ("{" in row.path or reached == "-"):
                expected = 401 if reached == "-" else 403 if letter in row.refused(name) else 404
                if answer.status_code == expected == 403:
                    continue
                if answer.status_code != expected or plain(answer, caller.things[letter]) != plain(unknown, caller.things["u"]):
                    wrong.append((name, letter, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert house.state() == before


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_whoever_may_is_answered(house: House, row: Row) -> None:
    assert not set(row.cells) & set(TURNED_AWAY)
    wrong: list[object] = []
    for name in row.cells:
        caller, reached = house.cast[name], row.reached(name)
        if reached == "-":
            continue
        for letter in reached if "{" in row.path else "o":
            thing = caller.things[letter]
            if row.method == "DELETE":
                # One that nobody else is asked about.
                thing = replace(thing, trigger_id=a_trigger(house.server.scene, house.server.boss, thing.app_id))
            answer = house.send(row, caller, thing)
            if answer.status_code not in (200, 204):
                wrong.append((name, letter, answer.status_code, answer.text[:200]))
            elif "{" not in row.path and reached != "yes" and seen_in(answer, caller.things) != reached:
                wrong.append((name, seen_in(answer, caller.things), json.dumps(answer.json())[:200]))
    assert wrong == []


@pytest.mark.parametrize("name", [*TURNED_AWAY, "studio", "elsewhere"])
def test_no_token_is_given_to_whom_no_endpoint_lets_in_nor_to_a_studio(house: House, name: str) -> None:
    pair = house.cast[name].pair
    before = house.state()
    form = {"grant_type": "client_credentials"} | ({"client_id": pair.key, "client_secret": pair.secret} if pair else {})
    answer = house.http.post(f"{house.server.url}/webapi/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert house.state() == before
