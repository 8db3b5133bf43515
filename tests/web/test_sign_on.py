"""Signing in with an OpenID Connect provider: the whole way over real HTTP with real signatures, and each lie refused in words."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from galleria.bootstrap import application, opened
from galleria.errors import InvalidError, TooBusyError
from galleria.gallery.actors import Role
from galleria.gallery.groups.service import add_members, create_group, groups_of
from galleria.gallery.identities.records import Identity
from galleria.gallery.identities.service import Rules
from galleria.gallery.sessions.service import new_link, set_password
from galleria.gallery.users.service import UserChange, change_user, find_by_email
from galleria.http.sign_on import SignOn, read_groups, read_roles
from galleria.settings import Settings
from galleria.storage.contract import Storage
from galleria.web.issuer import Issuer
from tests.databases import Databases
from tests.gallery.scene import SYSTEM
from tests.web.conftest import House, parts_of
from tests.web.provider import CLIENT, OTHER_KEY, SECRET, SHARED_KEY, Provider, providing
from tests.web.visiting import PASSWORD, ROOT, Visit, a_visit, found

REFUSED = "do not agree on who you are"
ROLES = {"gallery-admins": Role.CURATOR, "analysts": Role.ARTISAN}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as made:
        yield made


def visit_to(house: House, provider: Provider, rules: Rules | None = None, **more: Any) -> Visit:
    sign_on = SignOn(provider.url, CLIENT, SECRET, "Example ID", rules=rules or Rules(role=Role.VIEWER), **more)
    return a_visit(replace(house.parts, sign_on=sign_on))


def come_back(visit: Visit, path: str = "/sso", **changed: str) -> Any:
    """Go to the provider and back, as a browser does; `changed` are parameters that come back other than they were."""
    start = visit.get(path, follow_redirects=False)
    assert start.status_code == 303, found(start).text
    back = httpx2.URL(httpx2.get(start.headers["location"]).headers["location"])
    return visit.get("/sso/callback", params={**dict(back.params), **changed}, follow_redirects=False)


def told(answer: Any) -> str:
    assert "galleria_session=" not in " ".join(answer.headers.get_list("set-cookie"))
    return found(answer).text


def test_whoever_the_provider_knows_is_signed_in_and_made_at_the_first_time(house: House, provider: Provider) -> None:
    visit = visit_to(house, provider)
    assert "Sign in with Example ID" in visit.page("/sign-in").text
    for _ in range(2):
        answer = come_back(visit, "/sso?next=/runs")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/runs")
        assert "Alice Ames" in visit.page("/profile").text
        provider.person["email"] = "alice.married@example.com"
    with house.parts.database.read() as db:
        user = find_by_email(db, "alice@example.com")
        assert user is not None
        assert (user.role, user.password_hash) == (Role.VIEWER, None)
        assert db.execute(select(Identity.issuer, Identity.subject, Identity.user_id)).all() == [(provider.url, "alice-1", user.id)]
    assert set(provider.asked) == {"/.well-known/openid-configuration", "/keys", "/authorize", "/token", "/userinfo"}


DAY_S = 86400


@pytest.mark.parametrize(
    "bent",
    [
        {"token": {"iss": "https://elsewhere.example.com"}},
        {"token": {"aud": "another client"}},
        {"token": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"token": {"aud": [CLIENT, "another"]}},
        {"token": {"nonce": "of another sign-in"}},
        {"token": {"nonce": None}},
        {"token": {"exp": -DAY_S}},
        {"token": {"exp": None}},
        {"token": {"iat": DAY_S}},
        {"token": {"nbf": DAY_S}},
        {"token": {"sub": None}},
        {"token": {"sub": ""}},
        {"token": {"sub": 7}},
        {"token": {"sub": "x" * 256}},
        {"token": {"at_hash": "bm90IGl0IGF0IGFsbA"}},
        {"key": OTHER_KEY},
        {"algorithm": "none"},
        {"algorithm": "HS256", "key": SHARED_KEY},
        {"metadata": {"issuer": "https://elsewhere.example.com"}},
        {"metadata": {"token_endpoint": None}},
        {"metadata": {"token_endpoint": "http://127.0.0.1:1/token"}},
        {"metadata": {"jwks_uri": "file:///etc/passwd"}},
    ],
    ids=lambda bent: re.sub("<.*?>", "key", str(bent))[:60],
)
def test_what_is_wrong_with_a_token_or_its_provider_lets_nobody_in(house: House, provider: Provider, bent: Mapping[str, Any]) -> None:
    visit = visit_to(house, provider)
    for name, value in bent.items():
        setattr(provider, name, value)
    for moment in provider.token.keys() & {"exp", "iat", "nbf"}:
        given = provider.token[moment]
        provider.token[moment] = None if given is None else int(time.time()) + given
    if "metadata" in bent:
        answer = visit.get("/sso", follow_redirects=False)
        if answer.status_code == 303:
            answer = come_back(visit)
    else:
        answer = come_back(visit)
    assert answer.status_code == 403
    assert REFUSED in told(answer)
    with house.parts.database.read() as db:
        assert find_by_email(db, "alice@example.com") is None


@pytest.mark.parametrize("changed", [{"state": "another"}, {"state": ""}, {"code": ""}, {"error": "access_denied"}, {"code": "guessed"}])
def test_what_comes_back_other_than_it_went_lets_nobody_in(house: House, provider: Provider, changed: Mapping[str, str]) -> None:
    answer = come_back(visit_to(house, provider), **changed)
    assert answer.status_code == 403
    assert re.search("begin it once more|did not let you in|do not agree", told(answer))


def test_a_code_is_of_no_use_in_another_browser_or_twice(house: House, provider: Provider) -> None:
    mine, other = visit_to(house, provider), visit_to(house, provider)
    start = mine.get("/sso", follow_redirects=False)
    back = dict(httpx2.URL(httpx2.get(start.headers["location"]).headers["location"]).params)
    assert "begin it once more" in told(other.get("/sso/callback", params=back))
    assert mine.get("/sso/callback", params=back, follow_redirects=False).status_code == 303
    again = mine.get("/sso/callback", params=back, follow_redirects=False)
    assert again.status_code == 403


@pytest.mark.parametrize(
    "sealed", [json.dumps({"for": "output", "user": "u", "job": "j", "output": "o", "until": "2999-01-01"}), '["a"]', "[1,2,3,4,5]", "x"]
)
def test_what_was_sealed_for_something_else_begins_no_sign_in(house: House, provider: Provider, sealed: str) -> None:
    visit = visit_to(house, provider)
    visit.http.cookies.set("galleria_sign_on", house.parts.database.vault.seal(sealed), path=ROOT)
    answer = visit.get("/sso/callback", params={"code": "x", "state": "for"}, follow_redirects=False)
    assert answer.status_code == 403
    assert "begin it once more" in told(answer)


def test_a_session_that_somebody_planted_is_not_kept(house: House, provider: Provider) -> None:
    visit = visit_to(house, provider)
    visit.http.cookies.set("galleria_session", "planted", path=ROOT)
    [cookie] = [one for one in come_back(visit).headers.get_list("set-cookie") if one.startswith("galleria_session=")]
    assert "planted" not in cookie
    assert "httponly" in cookie.lower()


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_way_back_leads_to_pages_of_ours(house: House, provider: Provider, wanted: str) -> None:
    assert come_back(visit_to(house, provider), f"/sso?next={wanted}").headers["location"] == f"{ROOT}/"


@pytest.mark.parametrize(
    ("person", "rules", "words"),
    [
        ({"email": None}, Rules(), "tells no e-mail address"),
        ({"email_verified": False}, Rules(), "has not verified"),
        ({"email_verified": None}, Rules(), "has not verified"),
        ({}, Rules(makes_users=False), "ask whoever runs this gallery for an account"),
        ({}, Rules(role=Role.NO_ACCESS), "has no access"),
    ],
)
def test_who_is_not_let_in_is_told_why(house: House, provider: Provider, person: Mapping[str, Any], rules: Rules, words: str) -> None:
    provider.person |= person
    assert words in told(come_back(visit_to(house, provider, rules)))


def test_whoever_is_here_already_is_found_by_a_verified_address_only(house: House, provider: Provider) -> None:
    provider.person |= {"email": "ANNA@example.com", "email_verified": False}
    assert come_back(visit_to(house, provider)).status_code == 403
    assert come_back(visit_to(house, provider, Rules(trusts_emails=True))).status_code == 303
    with house.parts.database.write() as db:
        assert db.scalars(select(Identity.user_id)).all() == [house.anna.user_id]
        change_user(db, SYSTEM, house.anna.user_id or "", UserChange(is_active=False))
    assert "has no access" in told(come_back(visit_to(house, provider)))


def test_roles_and_groups_follow_the_provider(house: House, provider: Provider) -> None:
    rules = Rules(ROLES, {"analysts": "Analysts", "sales": "Sales"}, Role.VIEWER)
    with house.parts.database.write() as db:
        kept = create_group(db, SYSTEM, "Kept", Role.EVALUATED).id
    seen: list[tuple[Role, list[str]]] = []
    for memberships in (["analysts", "sales", "others"], ["gallery-admins", "analysts"], "sales", []):
        provider.token["groups"] = memberships
        assert come_back(visit_to(house, provider, rules)).status_code == 303
        with house.parts.database.write() as db:
            user = find_by_email(db, "alice@example.com")
            assert user is not None
            add_members(db, SYSTEM, kept, [user.id])
            seen.append((user.role, [group.name for group in groups_of(db, user.id) if group.name != "Kept"]))
            assert "Kept" in [group.name for group in groups_of(db, user.id)]
    assert seen == [
        (Role.ARTISAN, ["Analysts", "Sales"]),
        (Role.CURATOR, ["Analysts"]),
        (Role.VIEWER, ["Sales"]),
        (Role.VIEWER, []),
    ]


def test_the_last_curator_stays_one(house: House, provider: Provider) -> None:
    provider.person["email"] = house.curator.email
    assert come_back(visit_to(house, provider, Rules(ROLES, role=Role.VIEWER))).status_code == 303
    with house.parts.database.read() as db:
        user = find_by_email(db, house.curator.email)
        assert user is not None
        assert user.role is Role.CURATOR


def test_what_the_token_leaves_out_is_asked_for_and_of_nobody_else(house: House, provider: Provider) -> None:
    provider.person = {"sub": "alice-1"}
    provider.userinfo = {"sub": "mallory", "email": "mallory@example.com", "email_verified": True}
    assert come_back(visit_to(house, provider)).status_code == 403
    provider.userinfo = {"sub": "alice-1", "email": "alice@example.com", "email_verified": True, "realm_access": {"roles": ["analysts"]}}
    assert come_back(visit_to(house, provider, Rules(ROLES), claim="realm_access.roles")).status_code == 303
    with house.parts.database.read() as db:
        user = find_by_email(db, "alice@example.com")
        assert user is not None
        assert user.role is Role.ARTISAN


def test_that_one_address_is_verified_says_nothing_of_another(house: House, provider: Provider) -> None:
    provider.person = {"sub": "mallory", "email": house.curator.email}
    provider.userinfo = {"sub": "mallory", "email": "mallory@example.com", "email_verified": True}
    assert "has not verified" in told(come_back(visit_to(house, provider)))
    provider.userinfo = {"sub": "mallory", "email": house.curator.email, "email_verified": True}
    assert come_back(visit_to(house, provider)).status_code == 303


def test_a_silent_provider_is_not_waited_for_by_everybody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def nobody(client: object, method: str, url: str, **more: object) -> None:
        asked.append(url)
        raise httpx2.ConnectTimeout("nobody is there")

    monkeypatch.setattr(httpx2.Client, "request", nobody)
    issuer = Issuer(SignOn("https://id.example", CLIENT, SECRET, "Example ID"))
    for _ in range(3):
        with pytest.raises(TooBusyError, match="does not answer"):
            issuer.begin("https://here.example/sso/callback")
    assert len(asked) == 1


def test_new_keys_are_found(house: House, provider: Provider) -> None:
    visit = visit_to(house, provider)
    assert come_back(visit).status_code == 303
    provider.key, provider.keys = OTHER_KEY, [OTHER_KEY]
    assert come_back(visit).status_code == 303


def test_signing_out_leads_to_the_provider_for_those_who_want(house: House, provider: Provider) -> None:
    visit = visit_to(house, provider)
    come_back(visit)
    left = visit.post("/sign-out")
    assert "Sign out there, too" in left.text
    assert visit.get("/profile", follow_redirects=False).status_code == 303
    out = visit.get("/sso/sign-out", follow_redirects=False).headers["location"]
    back = "http%3A%2F%2Ftestserver%2Fgallery%2Fsign-in"
    assert out == f"{provider.url}/leave?client_id=galleria+client&post_logout_redirect_uri={back}"


def test_a_provider_that_is_silent_is_told_of(house: House) -> None:
    sign_on = SignOn("http://127.0.0.1:9", CLIENT, SECRET, "Example ID")
    answer = a_visit(replace(house.parts, sign_on=sign_on)).get("/sso", follow_redirects=False)
    assert answer.status_code == 503
    assert "does not answer" in told(answer)


def test_without_a_provider_there_is_no_button_and_no_way(house: House) -> None:
    visit = house.visit()
    assert "/sso" not in visit.get("/sign-in").text
    assert [visit.get(path).status_code for path in ("/sso", "/sso/callback", "/sso/sign-out")] == [404, 404, 404]


def test_a_provider_behind_https_names_nothing_that_is_not() -> None:
    issuer = Issuer(SignOn("https://id.example.com", CLIENT))
    addresses = ("https://keys.example.com/x", "http://id.example.com/x", "ftp://x", "")
    assert [issuer._is_safe(one) for one in addresses] == [True, False, False, False]


@pytest.mark.parametrize("line", ["analysts", "=Curator", "analysts=", "analysts=King"])
def test_a_mapping_that_is_none_is_told_at_the_start(line: str) -> None:
    with pytest.raises(InvalidError):
        read_roles([line])


def test_values_may_hold_equals_signs() -> None:
    assert read_groups(["CN=sales,OU=x=Sales"]) == {"CN=sales,OU=x": "Sales"}
    assert read_roles(["a = curator"]) == {"a": Role.CURATOR}


def test_without_passwords_there_is_one_button(house: House, provider: Provider) -> None:
    visit = visit_to(house, provider, takes_passwords=False)
    page = visit.page("/sign-in")
    assert "Sign in with Example ID" in page.text
    assert [attributes for tag, attributes in page.tags if tag == "input" and attributes.get("type") == "password"] == []
    assert visit.get("/forgotten", follow_redirects=False).status_code == 303
    set_password(house.parts.database, SYSTEM, house.anna.user_id or "", PASSWORD)
    for path in ("/sign-in", "/forgotten"):
        refused = visit.post(path, {"email": house.anna.email, "password": PASSWORD}, "/set-up")
        assert (refused.status_code, "takes no passwords" in found(refused).text) == (403, True)
        assert "galleria_session=" not in str(refused.headers)
    assert come_back(visit).status_code == 303
    assert "Change the password" not in visit.page("/profile").text
    for path in ("/profile/password", "/profile/keys"):
        assert visit.post(path, {"new": PASSWORD, "repeated": PASSWORD, "password": PASSWORD}).status_code == 403


def test_a_link_from_the_shell_lets_in_where_no_passwords_are_taken(house: House, provider: Provider) -> None:
    visit = visit_to(house, provider, takes_passwords=False)
    with house.parts.database.write() as db:
        token = new_link(db, SYSTEM, house.curator.user_id or "")
    visit.post(f"/sign-in/{token}", csrf_from=f"/sign-in/{token}")
    assert "cora@example.com" in visit.page("/profile").text


def test_the_first_curator_needs_no_password_where_none_are_taken(databases: Databases, storage: Storage, provider: Provider) -> None:
    with databases.opened("sqlite") as database:
        sign_on = SignOn(provider.url, CLIENT, SECRET, takes_passwords=False)
        app = application(replace(parts_of(database, storage), sign_on=sign_on))
        visit = Visit(TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 50000)))
        assert "There is no password" in visit.page("/set-up").text
        done = visit.post("/set-up", {"email": "cora@example.com"}, "/set-up")
        assert (done.status_code, "cora@example.com" in visit.page("/profile").text) == (200, True)
        with database.read() as db:
            user = find_by_email(db, "cora@example.com")
            assert user is not None
            assert (user.role, user.password_hash) == (Role.CURATOR, None)


def test_passwords_are_switched_off_only_where_there_is_another_way_in(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="no other place to sign in"), opened(Settings(data_dir=tmp_path, password_sign_in=False)):
        pass
