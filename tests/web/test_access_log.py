"""The access log: a line a request, and nothing in it that lets somebody in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from galleria.bootstrap import application
from galleria.gallery.keys.service import user_keys
from galleria.gallery.keys.tokens import issue_token
from galleria.gallery.sessions.service import new_link, use_link
from galleria.http.origins import PublicAddress, networks
from galleria.web.app import FAMILIES, SECRET_PATHS
from galleria.web.door import MOUNT
from tests.gallery.scene import SYSTEM
from tests.web.conftest import House

PEER = "10.0.0.7"


def lines_of(
    house: House, path: str, *, proxies: tuple[str, ...] = (), logs: bool = True, **more: Any
) -> tuple[list[Any], Mapping[str, str]]:
    parts = replace(house.parts, public=PublicAddress(None, networks(proxies)))
    http = TestClient(application(parts, logs_requests=logs), client=(PEER, 50000), follow_redirects=False)
    with capture_logs() as logged:
        answer = http.request(more.pop("method", "GET"), path, **more)
    return [line for line in logged if line["event"] == "request_answered"], answer.headers


def line_of(house: House, path: str, **more: Any) -> dict[str, Any]:
    [line], _ = lines_of(house, path, **more)
    return line


def test_a_request_is_a_line(house: House) -> None:
    line = line_of(house, "/gallery/api/v1/workflows/subscription/?oauth_token=hush&oauth_signature=hush")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request_answered",
        "log_level": "info",
        "method": "GET",
        "path": "/gallery/api/v1/workflows/subscription/",
        "status": 401,
        "user_id": None,
    }


def test_nothing_is_written_unless_it_is_wanted(house: House) -> None:
    assert lines_of(house, "/health", logs=False)[0] == []


def test_who_asks_is_told_by_both_kinds_of_doors(house: House) -> None:
    user_id = house.anna.user_id or ""
    with house.parts.database.write() as db:
        pair = user_keys(db, house.anna, user_id)
        bearer = issue_token(db, pair.key, pair.secret, 60)
        signed_in = use_link(db, new_link(db, SYSTEM, user_id), 60)
    assert signed_in is not None
    page = line_of(house, "/gallery/runs", headers={"Cookie": f"galleria_session={signed_in.token}"})
    call = line_of(house, "/webapi/v3/workflows", headers={"Authorization": f"Bearer {bearer}"})
    assert [(line["status"], line["user_id"]) for line in (page, call)] == [(200, user_id), (200, user_id)]
    assert signed_in.token not in str(page)
    assert str(bearer) not in str(call)


@pytest.mark.parametrize("path", ["sign-in/hush", "/sign-in/hush/", "Sign-In/hush", "shared/hush/file", "shared/hush"])
def test_an_address_that_lets_in_is_not_told(house: House, path: str) -> None:
    line = line_of(house, f"/gallery/{path}")
    assert ("hush" in str(line), line["path"].endswith("/***")) == (False, True)


def test_every_page_with_a_token_in_its_address_is_among_the_secret_ones() -> None:
    paths = [f"{MOUNT}{route.path}" for family in FAMILIES for route in family.router.routes if isinstance(route, APIRoute)]
    found = [path for path in paths if "token" in path]
    assert len(found) > 2
    assert [path for path in found if not path.startswith(SECRET_PATHS)] == []


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [((PEER,), "abc-1.2", True), ((), "abc-1.2", False), ((PEER,), "a b", False), ((PEER,), "a" * 65, False)],
)
def test_the_id_of_a_request_is_given_back(house: House, proxies: tuple[str, ...], given: str, is_kept: bool) -> None:
    _, headers = lines_of(house, "/health", proxies=proxies, headers={"X-Request-ID": given})
    assert (headers["x-request-id"] == given) is is_kept
    assert len(headers["x-request-id"]) == (len(given) if is_kept else 16)


def test_a_fault_of_ours_is_a_line_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("hush")

    monkeypatch.setattr("galleria.http.operation._families", broken)
    http = TestClient(
        application(house.parts, logs_requests=True), "http://127.0.0.1", raise_server_exceptions=False, client=("127.0.0.1", 1)
    )
    with capture_logs() as logged:
        assert http.get("/metrics").status_code == 500
    assert [(line["event"], line.get("status")) for line in logged] == [("request_failed", None), ("request_answered", 500)]
    assert "hush" not in str(logged)
