"""Who may open what and send what: every page and form, as one table, each visitor with things of everybody.

A cell names the things for which the visitor is let in: his (o)wn, another one's of his (s)tudio, one that a (c)ollection shares with
him, a (p)ublic one, a (f)oreign one; behind `!` those that he sees, but may not do this with. Every other one looks like one that
never was. `yes` and `no`: let in or not where it is nobody's thing; `none`: as if there were nothing. Here forms are sent by those
who may not; that they do their work for the others is shown in `test_pages.py`. No refused request changes a row. Whoever is not
signed in is led to signing in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from galleria.bootstrap import application
from galleria.gallery.sessions.service import new_link, use_link
from galleria.web.app import FAMILIES
from tests.api.cast import OBJECTS, ROLES, Caller, Thing, a_cast, digest
from tests.databases import Databases
from tests.gallery.scene import SYSTEM, Scene, a_scene
from tests.web.conftest import parts_of
from tests.web.visiting import ROOT, SERVER, found

OPEN = {
    *("GET /set-up", "POST /set-up", "GET /sign-in", "POST /sign-in", "GET /sign-in/{token}", "POST /sign-in/{token}", "POST /sign-out"),
    *("POST /theme", "GET /forgotten", "POST /forgotten", "GET /sso", "GET /sso/callback", "GET /sso/sign-out"),
    *("GET /shared/{token}", "GET /shared/{token}/file"),
    *("GET /help", "GET /help/search", "GET /help/{path:path}"),
}
"""What those who are not signed in may use; `test_security.py` and `test_pages.py` show how."""
TABLE = """
endpoint                                            | viewer | member | artisan | curator
GET /                                               | yes    | yes    | yes     | yes
GET /admin                                          | no     | no     | no      | yes
GET /admin/audit                                    | no     | no     | no      | yes
GET /admin/connections                              | no     | no     | no      | yes
POST /admin/connections                             | no     | no     | no      | yes
POST /admin/connections/{secret_id}                 | no     | no     | no      | yes
GET /admin/credentials                              | no     | no     | no      | yes
POST /admin/credentials                             | no     | no     | no      | yes
POST /admin/credentials/{secret_id}                 | no     | no     | no      | yes
GET /admin/districts                                | no     | no     | no      | yes
POST /admin/districts                               | no     | no     | no      | yes
GET /admin/districts/{district_id}                  | no     | no     | no      | none
POST /admin/districts/{district_id}                 | no     | no     | no      | none
POST /admin/districts/{district_id}/delete          | no     | no     | no      | none
GET /admin/groups                                   | no     | no     | no      | yes
POST /admin/groups                                  | no     | no     | no      | yes
GET /admin/groups/{group_id}                        | no     | no     | no      | none
POST /admin/groups/{group_id}                       | no     | no     | no      | none
POST /admin/groups/{group_id}/delete                | no     | no     | no      | none
POST /admin/groups/{group_id}/members               | no     | no     | no      | none
GET /admin/jobs                                     | no     | no     | no      | yes
GET /admin/settings                                 | no     | no     | no      | yes
POST /admin/settings                                | no     | no     | no      | yes
GET /admin/storage                                  | no     | no     | no      | yes
POST /admin/storage                                 | no     | no     | no      | yes
GET /admin/studios                                  | no     | no     | no      | yes
POST /admin/studios                                 | no     | no     | no      | yes
GET /admin/studios/{studio_id}                      | no     | no     | no      | none
POST /admin/studios/{studio_id}                     | no     | no     | no      | none
POST /admin/studios/{studio_id}/delete              | no     | no     | no      | none
POST /admin/studios/{studio_id}/members             | no     | no     | no      | none
GET /admin/users                                    | no     | no     | no      | yes
POST /admin/users                                   | no     | no     | no      | yes
GET /admin/users/{user_id}                          | no     | no     | no      | none
POST /admin/users/{user_id}                         | no     | no     | no      | none
POST /admin/users/{user_id}/link                    | no     | no     | no      | none
POST /admin/users/{user_id}/state                   | none   | none   | none    | none
GET /admin/workers                                  | no     | no     | no      | yes
POST /admin/workers/{worker_id}                     | no     | no     | no      | none
GET /app/{app_id}                                   | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}                            | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/ask                       | yes    | yes    | yes     | yes
GET /app/{name}/{app_id}/comments                   | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/comments                  | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/follow                    | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/delete                    | o!cp   | o!scp  | os!cp   | oscpf
GET /app/{name}/{app_id}/details                    | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/details                   | o!cp   | o!scp  | os!cp   | oscpf
POST /app/{name}/{app_id}/districts                 | no     | no     | no      | oscpf
POST /app/{name}/{app_id}/owner                     | no     | no     | no      | oscpf
GET /app/{name}/{app_id}/package                    | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}/results                    | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}/run                        | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/run                       | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}/schedules                  | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}/schedules/new              | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/schedules/new             | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}/sharing                    | o!cp   | o!scp  | os!cp   | oscpf
POST /app/{name}/{app_id}/sharing                   | o!cp   | o!scp  | os!cp   | oscpf
POST /app/{name}/{app_id}/sharing/end               | o!cp   | o!scp  | os!cp   | oscpf
GET /app/{name}/{app_id}/triggers                   | o!cp   | o!scp  | os!cp   | oscpf
POST /app/{name}/{app_id}/triggers                  | o!cp   | o!scp  | os!cp   | oscpf
GET /app/{name}/{app_id}/versions                   | ocp    | oscp   | oscp    | oscpf
GET /app/{name}/{app_id}/versions/compare           | ocp    | oscp   | oscp    | oscpf
POST /app/{name}/{app_id}/versions                  | o!cp   | o!scp  | os!cp   | oscpf
GET /collections                                    | yes    | yes    | yes     | yes
POST /collections                                   | no     | no     | no      | no
GET /collections/{collection_id}                    | oc     | oc     | oc      | oscpf
POST /collections/{collection_id}                   | o!c    | o!c    | o!c     | oscpf
POST /collections/{collection_id}/delete            | o!c    | o!c    | o!c     | oscpf
POST /collections/{collection_id}/items             | o!c    | o!c    | o!c     | oscpf
POST /collections/{collection_id}/members           | o!c    | o!c    | o!c     | oscpf
POST /collections/{collection_id}/members/remove    | o!c    | o!c    | o!c     | oscpf
POST /comments/{comment_id}                         | o!cp   | o!scp  | o!scp   | o!scpf
POST /comments/{comment_id}/delete                  | o!cp   | o!scp  | os!cp   | oscpf
GET /connections                                    | yes    | yes    | yes     | yes
POST /connections                                   | no     | yes    | yes     | yes
POST /connections/{connection_id}                   | !oc    | !oc    | !oc     | oscpf
GET /credentials                                    | yes    | yes    | yes     | yes
POST /credentials                                   | no     | yes    | yes     | yes
POST /credentials/{credential_id}                   | !oc    | !oc    | !oc     | oscpf
GET /districts                                      | yes    | yes    | yes     | yes
GET /profile                                        | yes    | yes    | yes     | yes
POST /profile                                       | yes    | yes    | yes     | yes
GET /profile/keys                                   | yes    | yes    | yes     | yes
POST /profile/keys                                  | yes    | yes    | yes     | yes
POST /profile/keys/environment                      | yes    | yes    | yes     | yes
POST /profile/keys/renew                            | yes    | yes    | yes     | yes
POST /profile/mails                                 | yes    | yes    | yes     | yes
POST /profile/password                              | yes    | yes    | yes     | yes
POST /profile/sessions                              | yes    | yes    | yes     | yes
GET /publish                                        | no     | no     | yes     | yes
POST /publish                                       | no     | no     | yes     | yes
POST /publish/done                                  | none   | none   | none    | none
GET /publish/report                                 | none   | none   | none    | none
GET /requests                                       | yes    | yes    | yes     | yes
POST /requests/{request_id}                         | o      | o      | os      | oscpf
GET /runs                                           | yes    | yes    | yes     | yes
GET /runs/{job_id}                                  | o      | o      | os      | oscpf
POST /runs/{job_id}/cancel                          | o      | o      | os      | oscpf
GET /runs/{job_id}/events                           | o      | o      | os      | oscpf
GET /runs/{job_id}/outputs/{output_id}              | o      | o      | os      | oscpf
GET /runs/{job_id}/outputs/{output_id}/look         | o      | o      | os      | oscpf
GET /runs/{job_id}/outputs/{output_id}/page         | o      | o      | os      | oscpf
GET /runs/{job_id}/outputs/{output_id}/share        | o      | o      | os      | oscpf
POST /runs/{job_id}/outputs/{output_id}/share       | o      | o      | os      | oscpf
GET /schedules                                      | yes    | yes    | yes     | yes
POST /schedules/next                                | yes    | yes    | yes     | yes
GET /schedules/{schedule_id}                        | oc     | oc     | oc      | oscpf
POST /schedules/{schedule_id}                       | o!c    | o!c    | o!c     | oscpf
POST /schedules/{schedule_id}/delete                | o!c    | o!c    | o!c     | oscpf
GET /search                                         | yes    | yes    | yes     | yes
GET /search/suggestions                             | yes    | yes    | yes     | yes
GET /triggers/{trigger_id}                          | o      | o      | os      | oscpf
POST /triggers/{trigger_id}                         | o      | o      | os      | oscpf
POST /triggers/{trigger_id}/{deed}                  | o      | o      | os      | oscpf
"""
NOUNS = "app|job|schedule|collection|trigger|connection|credential|comment|request"
FORMS: Mapping[str, Mapping[str, str]] = {
    "POST /admin/groups": {"name": "New", "role": "Viewer"},
    "POST /admin/groups/{group_id}": {"name": "New", "role": "Viewer"},
    "POST /admin/groups/{group_id}/members": {"email": "zoe@example.com"},
    "POST /admin/studios/{studio_id}/members": {"email": "zoe@example.com"},
    "POST /app/{name}/{app_id}/delete": {"with_schedules": "on"},
    "POST /app/{name}/{app_id}/owner": {"email": "zoe@example.com", "with_schedules": "on"},
    "POST /app/{name}/{app_id}/sharing": {"who": "zoe@example.com"},
    "POST /app/{name}/{app_id}/sharing/end": {"member": f"user {'0' * 24}"},
    "POST /schedules/{schedule_id}": {"name": "x", "kind": "Daily", "date": "2030-01-01", "time": "06:00", "every": "1", "unit": "days"},
    "POST /collections/{collection_id}/items": {"kind": "workflow", "item": "{app_id}"},
    "POST /collections/{collection_id}/members": {"email": "zoe@example.com"},
    "POST /collections/{collection_id}/members/remove": {"member": f"user {'0' * 24}"},
    "POST /connections/{connection_id}": {"member": f"user {'0' * 24}"},
    "POST /credentials/{credential_id}": {"member": f"user {'0' * 24}"},
}
"""What a form must hold before anybody asks who sent it."""


@dataclass(frozen=True)
class Row:
    endpoint: str
    cells: Mapping[str, str]

    def __str__(self) -> str:
        return self.endpoint

    @property
    def method(self) -> str:
        return self.endpoint.partition(" ")[0]

    @property
    def letters(self) -> str:
        return OBJECTS if re.search(rf"\{{({NOUNS})_id\}}", self.endpoint) else "u"

    def expected(self, visitor: str, letter: str) -> str:
        reached, _, refused = self.cells[visitor].partition("!")
        if reached in ("yes", "no", "none"):
            return reached
        return "yes" if letter in reached else "no" if letter in refused else "none"


def rows() -> list[Row]:
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
    return [Row(line[0], dict(zip(head[1:], line[1:], strict=True))) for line in lines]


def test_every_page_and_form_has_its_row() -> None:
    routes = [route for family in FAMILIES for route in family.router.routes]
    assert {row.endpoint for row in rows()} | OPEN == {f"{method} {route.path}" for route in routes for method in route.methods}


@dataclass(frozen=True)
class House:
    scene: Scene
    cast: Mapping[str, Caller]
    visits: Mapping[str, TestClient]

    def send(self, row: Row, visitor: str, thing: Thing) -> Response:
        http = self.visits[visitor]
        given = {**vars(thing), "name": "x"}
        path = ROOT + re.sub(r"\{(\w+)\}", lambda match: given.get(match[1], "0" * 24), row.endpoint.partition(" ")[2])
        if row.method == "GET":
            return http.get(path, follow_redirects=False)
        form = {name: value.format(**given) for name, value in FORMS.get(row.endpoint, {}).items()}
        csrf = found(http.get(f"{ROOT}/")).csrf
        return http.post(path, data={"csrf": csrf, **form}, follow_redirects=False)


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    from galleria.storage.folder import Folder

    folder = tmp_path_factory.mktemp("house")
    with databases.opened("sqlite") as database:
        scene = a_scene(database, Folder(folder / "storage"), folder)
        cast = a_cast(scene)
        app = application(parts_of(database, scene.storage))
        visits = {name: TestClient(app, SERVER, raise_server_exceptions=True) for name in ("nobody", "disabled", *ROLES)}
        for name, http in visits.items():
            if cast[name].user_id and name != "disabled":
                with database.write() as db:
                    opened = use_link(db, new_link(db, SYSTEM, cast[name].user_id), 3600)
                assert opened is not None
                http.cookies.set("galleria_session", opened.token, path=ROOT)
        yield House(scene, cast, visits)


def said(answer: Response) -> str:
    return {403: "no", 404: "none"}.get(answer.status_code, "yes")


def words(answer: Response, thing: Thing) -> str:
    return re.sub("|".join(vars(thing).values()), "ID", found(answer).text)


@pytest.mark.parametrize("row", rows(), ids=str)
def test_each_visitor_is_let_in_to_what_the_table_says(house: House, row: Row) -> None:
    wrong: list[Any] = []
    before = digest(house.scene.database)
    for allowed in (False, True):
        for visitor in ROLES:
            things = house.cast[visitor].things
            for letter in row.letters:
                expected = row.expected(visitor, letter)
                if (expected == "yes") is allowed and not (allowed and row.method == "POST"):
                    answer = house.send(row, visitor, things[letter])
                    if said(answer) != expected or answer.status_code == 401:
                        wrong.append((visitor, letter, expected, answer.status_code))
                    if expected == "none" and words(answer, things[letter]) != words(house.send(row, visitor, things["u"]), things["u"]):
                        wrong.append((visitor, letter, "does not look unknown"))
        if not allowed:
            assert digest(house.scene.database) == before, "a refused request changed something"
    assert wrong == []


@pytest.mark.parametrize("row", rows(), ids=str)
def test_whoever_is_not_signed_in_is_led_there(house: House, row: Row) -> None:
    before = digest(house.scene.database)
    for visitor in ("nobody", "disabled"):
        answer = house.send(row, visitor, house.cast[visitor].things["p"])
        assert answer.status_code == (303 if row.method == "GET" else 401)
        if row.method == "GET":
            assert answer.headers["location"].startswith(f"{ROOT}/sign-in")
    assert digest(house.scene.database) == before
