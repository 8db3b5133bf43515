"""What holds for every path of an API: who is let in, how paths may be written, what pages of other addresses may do."""

import time

import pytest
from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY, Client
from sqlalchemy import func, select, text

from galleria.api.oauth1 import INVALID_KEY, INVALID_SIGNATURE, USED_NONCE
from galleria.errors import InvalidError
from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.keys.records import Nonce
from galleria.gallery.keys.service import Pair
from galleria.http.origins import PublicAddress, networks
from tests.api.gallery import LIMITS, SERVER, Gallery, a_gallery
from tests.gallery.scene import Scene

LIST = "/gallery/api/v1/workflows/subscription/"


@pytest.mark.parametrize(
    "path",
    [
        LIST,
        LIST.rstrip("/"),
        LIST + "?",
        LIST + "?search=",
        LIST.upper(),
        "/Gallery/API/V1/Workflows/Subscription",
        "/gallery/api//v1/workflows//subscription//",
        "//gallery/api/v1/workflows/subscription/",
    ],
)
def test_a_path_is_found_however_it_is_written_and_never_redirected(gallery: Gallery, path: str) -> None:
    url = Client(gallery.studio.key, gallery.studio.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(SERVER + path)[0]
    answer = gallery.http.get(url, follow_redirects=False)
    assert (answer.status_code, len(answer.json())) == (200, 1)


@pytest.mark.parametrize("odd", ["%00", "%0a", "%0d%0a", "%ff", "%F0%9F%99%82", "%2e%2e"])
def test_odd_characters_in_paths_and_queries_are_no_fault_of_ours(gallery: Gallery, odd: str) -> None:
    answer = gallery.http.get(f"/gallery/api/v1/jobs/{odd}{odd}/")
    assert (answer.status_code, answer.json()["exceptionName"]) == (401, "UnauthorizedException")
    assert gallery.get(f"/gallery/api/v1/jobs/{odd}{odd}/").status_code in (401, 404)
    query = f"?search={odd}&packageType={odd}"
    assert gallery.get(f"{LIST}{query}").status_code in (200, 400, 401)


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_another_method_is_refused_in_the_apis_shape(gallery: Gallery, method: str) -> None:
    answer = gallery.call(method, LIST)
    assert (answer.status_code, list(answer.json())) == (405, ["data", "exceptionName", "innerExceptionMessage", "message"])


@pytest.mark.parametrize(
    ("key", "secret", "message"),
    [
        ("ours", "wrong", INVALID_SIGNATURE),
        ("ours", "", INVALID_SIGNATURE),
        ("nobody's", "ours", INVALID_KEY),
        ("user's", "user's", INVALID_KEY),
    ],
)
def test_strangers_are_told_what_is_wrong(gallery: Gallery, key: str, secret: str, message: str) -> None:
    keys = {"ours": gallery.studio.key, "user's": gallery.user.key}
    secrets = {"ours": gallery.studio.secret, "user's": gallery.user.secret}
    answer = gallery.get(LIST, pair=Pair(keys.get(key, key), secrets.get(secret, secret)))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("OAuth")
    assert answer.json() == {"data": None, "exceptionName": "UnauthorizedException", "innerExceptionMessage": "", "message": message}


def test_an_unsigned_request_is_told_so(gallery: Gallery) -> None:
    answer = gallery.http.get(LIST)
    assert (answer.status_code, answer.json()["message"]) == (
        401,
        "The request is not signed: the parameter oauth_consumer_key is missing.",
    )


def test_a_request_is_accepted_once(gallery: Gallery) -> None:
    url = Client(gallery.studio.key, gallery.studio.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(SERVER + LIST)[0]
    # A second server over the same database knows what the first one has seen.
    other = a_gallery(gallery.scene)
    assert gallery.http.get(url).status_code == 200
    for http in (gallery.http, other.http):
        answer = http.get(url)
        assert (answer.status_code, answer.json()["message"]) == (401, USED_NONCE)


def test_a_nonce_may_come_again_with_another_time_but_is_not_spent_by_a_wrong_signature(gallery: Gallery) -> None:
    def status(secret: str, age_s: int) -> int:
        then = str(int(time.time()) - age_s)
        client = Client(gallery.studio.key, secret, signature_type=SIGNATURE_TYPE_QUERY, nonce="000001", timestamp=then)
        return gallery.http.get(client.sign(SERVER + LIST)[0]).status_code

    assert [status("wrong", 0), status(gallery.studio.secret, 0), status(gallery.studio.secret, 5)] == [401, 200, 200]
    assert [status(gallery.studio.secret, LIMITS.oauth_window_s + 60), status(gallery.studio.secret, -LIMITS.oauth_window_s - 60)] == [
        401,
        401,
    ]
    with gallery.scene.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Nonce)) == 2


def test_a_signed_form_may_carry_the_order(gallery: Gallery) -> None:
    path = f"/gallery/api/v1/workflows/{gallery.scene.workflow_id}/jobs/"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    client = Client(gallery.studio.key, gallery.studio.secret, signature_type=SIGNATURE_TYPE_BODY)
    _, headers, body = client.sign(SERVER + path, "POST", body="questions=%5B%5D&priority=0", headers=form)
    assert gallery.http.post(path, content=body, headers=headers).status_code == 200
    assert gallery.http.post(path, content=body.replace("priority=0", "priority=1"), headers=headers).status_code == 401


def test_a_body_above_the_limit_is_not_read(gallery: Gallery) -> None:
    path = f"/gallery/api/v1/workflows/{gallery.scene.workflow_id}/jobs/"
    for content in (b" " * 10_001, iter([b" " * 10_000, b" "])):
        answer = gallery.call("POST", path, content=content)
        assert (answer.status_code, list(answer.json())) == (413, ["data", "exceptionName", "innerExceptionMessage", "message"])


def test_a_page_of_any_address_may_call_and_reads_failures_too(gallery: Gallery) -> None:
    preflight = gallery.http.options(LIST, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"})
    assert (preflight.status_code, preflight.content) == (200, b"")
    for answer in (preflight, gallery.get(LIST), gallery.http.get(LIST), gallery.get("/gallery/api/nothing")):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in answer.headers


FORWARDED = {"Host": "10.0.0.1:8080", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "gallery.example"}
BEHIND_A_PROXY = PublicAddress(trusted_proxies=networks(("127.0.0.1",)))


@pytest.mark.parametrize(
    ("public", "signed", "headers", "status"),
    [
        (PublicAddress(), "https://gallery.example", FORWARDED, 401),
        (PublicAddress(trusted_proxies=networks(("127.0.0.1/32",))), "https://gallery.example", FORWARDED, 200),
        (PublicAddress(trusted_proxies=networks(("10.1.0.0/16",))), "https://gallery.example", FORWARDED, 401),
        (BEHIND_A_PROXY, "https://gallery.example:443", FORWARDED, 200),
        (
            PublicAddress(trusted_proxies=networks(("127.0.0.1",))),
            "https://gallery.example:8443",
            {**FORWARDED, "X-Forwarded-Port": "8443"},
            200,
        ),
        (BEHIND_A_PROXY, "https://gallery.example:8443", FORWARDED, 401),
        (PublicAddress("https://gallery.example"), "https://gallery.example", {"Host": "10.0.0.1:8080"}, 200),
        (PublicAddress("https://gallery.example/gallery/"), "https://gallery.example", {"Host": "10.0.0.1:8080"}, 200),
        (PublicAddress("https://example.org/tools/gallery"), "https://example.org/tools", {"Host": "10.0.0.1:8080"}, 200),
        (PublicAddress("https://gallery.example"), "http://10.0.0.1:8080", {"Host": "10.0.0.1:8080"}, 200),
        (PublicAddress("https://gallery.example"), "https://other.example", {"Host": "10.0.0.1:8080"}, 401),
    ],
)
def test_the_signed_address_is_the_configured_the_received_or_a_trusted_proxys(
    scene: Scene, public: PublicAddress, signed: str, headers: dict[str, str], status: int
) -> None:
    gallery = a_gallery(scene, public)
    url = Client(gallery.studio.key, gallery.studio.secret, signature_type=SIGNATURE_TYPE_QUERY).sign(signed + LIST)[0]
    assert gallery.http.get(LIST + "?" + url.partition("?")[2], headers=headers).status_code == status


def test_a_proxy_that_is_no_address_is_refused_at_the_start() -> None:
    with pytest.raises(InvalidError, match="proxy"):
        networks(["proxy.example"])


def test_a_proxy_may_show_the_gallery_under_another_folder(scene: Scene) -> None:
    gallery = a_gallery(scene, PublicAddress("https://example.org/analytics"))
    signed = LIST.replace("/gallery/", "/analytics/")
    client = Client(gallery.studio.key, gallery.studio.secret, signature_type=SIGNATURE_TYPE_QUERY)
    url = client.sign(f"https://example.org{signed}")[0]
    assert gallery.http.get(LIST + "?" + url.partition("?")[2]).status_code == 200


def test_a_fault_of_ours_is_logged_without_anybodys_data(gallery: Gallery, capfd: pytest.CaptureFixture[str]) -> None:
    with gallery.scene.database.engine.connect() as connection:
        connection.execute(text("DROP TABLE job_messages"))
        connection.execute(text("DROP TABLE job_outputs"))
        connection.commit()
    with gallery.scene.database.write() as db:
        job_id = jobs.queue(db, gallery.scene.anna, NewJob(gallery.scene.workflow_id)).id
    answer = gallery.get(f"/gallery/api/v1/jobs/{job_id}/?includeMessages=true&private=text")
    assert (answer.status_code, answer.json()["exceptionName"]) == (500, "InternalServerErrorException")
    assert "job_messages" not in answer.text
    logged = "".join(capfd.readouterr())
    assert "request_failed" in logged
    assert "OperationalError" in logged
    assert "service.py" in logged
    assert not any(word in logged for word in (job_id, "private", gallery.studio.key, "SELECT"))
