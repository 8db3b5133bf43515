"""Who asks, and how often an address may: wrong passwords, forgotten ones."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from starlette.routing import Mount

from galleria.gallery.actors import Role
from galleria.gallery.mails.records import Mail
from galleria.http.askers import Throttle, asker_of
from galleria.http.origins import PublicAddress, networks
from galleria.web.door import Door
from tests.gallery.scene import a_user
from tests.web.conftest import House
from tests.web.visiting import Visit, a_visit, found


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("10.0.0.7", "", (), "10.0.0.7"),
        ("10.0.0.7", "1.2.3.4", (), "10.0.0.7"),
        ("10.0.0.7", "1.2.3.4", ("10.0.0.7",), "1.2.3.4"),
        # What stands before the address that our own proxy saw, anybody may have written.
        ("10.0.0.7", "9.9.9.9, 1.2.3.4", ("10.0.0.7",), "1.2.3.4"),
        ("10.0.0.7", "1.2.3.4, 10.0.0.8", ("10.0.0.0/8",), "1.2.3.4"),
        ("10.0.0.7", "", ("10.0.0.7",), "10.0.0.7"),
        ("10.0.0.7", "nonsense", ("10.0.0.7",), "nonsense"),
        ("2001:db8:1:2:3::4", "", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "", (), "2001:db8:1:2::/64"),
    ],
)
def test_the_address_behind_trusted_proxies_asks(peer: str, forwarded: str, proxies: tuple[str, ...], expected: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope: dict[str, Any] = {"type": "http", "client": (peer, 1), "headers": headers}
    assert asker_of(scope, PublicAddress(None, networks(proxies))) == expected


def test_an_address_begins_anew_after_a_while() -> None:
    clock = [0.0]
    throttle = Throttle(2, 60, lambda: clock[0])
    said: list[bool] = []
    for clock[0] in (0.0, 10.0, 20.0, 59.0, 60.0, 61.0):
        said.append(throttle.is_over("a"))
        if not said[-1]:
            throttle.note("a")
    assert said == [False, False, True, True, False, False]
    assert not throttle.is_over("b")


def test_only_so_many_addresses_are_remembered() -> None:
    throttle = Throttle(1, 60, lambda: 0.0)
    for number in range(10_001):
        throttle.note(str(number))
    assert (throttle.is_over("0"), throttle.is_over("1"), throttle.is_over("10000")) == (False, True, True)


def door_of(visit: Visit) -> Door:
    application: Any = visit.http.app
    [app] = [route.app for route in application.routes if isinstance(route, Mount) and route.path == "/gallery"]
    while not hasattr(app, "state"):
        app = app._app
    return app.state.door


def mails(house: House) -> int:
    with house.parts.database.read() as db:
        return len(db.scalars(select(Mail.id)).all())


def test_links_for_forgotten_passwords_are_counted_by_address(house: House) -> None:
    for number in range(4):
        a_user(house.parts.database, f"{number}@example.com", Role.VIEWER)
    visit = a_visit(replace(house.parts, can_mail=True))
    door_of(visit).forgotten_passwords.most = 3
    said = [visit.post("/forgotten", {"email": f"{number}@example.com"}, "/forgotten") for number in range(4)]
    assert [answer.status_code for answer in said] == [200, 200, 200, 429]
    assert "from your address" in found(said[3]).text
    assert mails(house) == 3


def test_wrong_passwords_are_counted_by_address(house: House) -> None:
    visit = a_visit(house.parts)
    door_of(visit).wrong_passwords.most = 2
    said = [visit.post("/sign-in", {"email": f"{number}@example.com", "password": "wrong"}, "/sign-in") for number in range(3)]
    assert [answer.status_code for answer in said] == [401, 401, 429]
    assert "from your address" in found(said[2]).text
