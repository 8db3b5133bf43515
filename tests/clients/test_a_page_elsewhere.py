"""A page of another address, in a real browser, that calls the APIs with a key: nothing of the browser's stands in its way."""

import http.server
import json
import shutil
import threading
from collections.abc import Generator
from functools import partial
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from galleria.gallery.jobs import service as jobs
from galleria.gallery.jobs.service import NewJob
from galleria.gallery.keys.service import Pair
from tests.api.gallery import run_next
from tests.clients.running import Running, an_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
PAGE = """<!doctype html><meta charset="utf-8"><title>Elsewhere</title><link rel="icon" href="data:,">
<script src="signing.js"></script>
<script>
  // As a page does it that keeps the signature in a header, and as one that puts it into the address.
  const signed = (method, url, key, secret) => signing.authorization(method, url, key, secret, signing.nonce(), signing.now());
  async function ask({method, url, key, secret, place, body, headers}) {
    const authorization = signed(method, url, key, secret);
    const given = {...headers};
    if (place === "query") {
      const parts = authorization.slice(6).split(", ").map((part) => part.replace(/"/g, ""));
      url += (url.includes("?") ? "&" : "?") + parts.join("&");
    } else given.Authorization = authorization;
    if (body === "file") { body = new FormData(); body.append("inputFile", new Blob(["a,b\\r\\n1,2\\r\\n"]), "input.csv"); }
    const answer = await fetch(url, {method, headers: given, body});
    const seen = ["etag", "content-disposition", "content-range", "accept-ranges"].map((name) => [name, answer.headers.get(name)]);
    return {status: answer.status, text: await answer.text(), headers: Object.fromEntries(seen)};
  }
</script>
"""
JSON = {"Content-Type": "application/json"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Keep the test's output to itself."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a server of somebody else, which has the page."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "index.html").write_text(PAGE, "utf-8")
    (folder / "signing.js").write_bytes(files("galleria.api.documentation").joinpath("signing.js").read_bytes())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def page(elsewhere: str) -> Generator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{elsewhere}/index.html")
        yield page
        browser.close()


def ask(page: Page, server: Running, pair: Pair, method: str, path: str, **more: Any) -> Any:
    wanted = {"method": method, "url": f"{server.url}/gallery/api{path}", "key": pair.key, "secret": pair.secret, **more}
    return page.evaluate("(wanted) => ask(wanted)", wanted)


def test_a_page_of_another_address_runs_a_workflow_and_reads_what_came_of_it(server: Running, page: Page) -> None:
    app, studio = an_app(server), server.studio
    for place in ("header", "query"):
        found = ask(page, server, studio, "GET", "/v1/workflows/subscription/?search=Region%20app", place=place)
        assert [one["id"] for one in json.loads(found["text"])] == [app]
        order = json.dumps({"questions": [{"name": "Region", "value": "East"}]})
        queued = ask(page, server, studio, "POST", f"/v1/workflows/{app}/jobs/", place=place, body=order, headers=JSON)
        assert (queued["status"], json.loads(queued["text"])["status"]) == (200, "Queued")
        job_id = run_next(server.scene, files={"out.csv": b"0123456789"})
        job = json.loads(ask(page, server, studio, "GET", f"/v1/jobs/{job_id}/", place=place)["text"])
        path = f"/v1/jobs/{job_id}/output/{job['outputs'][0]['id']}/"
        part = ask(page, server, studio, "GET", path, place=place, headers={"Range": "bytes=2-4"})
        assert (part["status"], part["text"]) == (206, "234")
        assert part["headers"]["content-range"] == "bytes 2-4/10"
        assert "out.csv" in part["headers"]["content-disposition"]
        assert part["headers"]["etag"]


def test_a_page_uploads_a_file_marks_a_workflow_and_reads_failures(server: Running, page: Page) -> None:
    uploaded = ask(page, server, server.user, "POST", "/user/v2/inputfiles/", body="file")
    assert (uploaded["status"], len(json.loads(uploaded["text"]))) == (200, 24)
    path = f"/admin/v1/workflows/migratable/{server.scene.workflow_id}/"
    marked = ask(page, server, server.curator, "PUT", path, body="true", headers=JSON)
    assert (marked["status"], marked["text"]) == (200, "true")
    refused = ask(page, server, Pair(server.studio.key, "wrong"), "GET", "/v1/workflows/subscription/")
    assert (refused["status"], json.loads(refused["text"])["exceptionName"]) == (401, "UnauthorizedException")
    missing = ask(page, server, server.studio, "GET", "/v1/jobs/nothing/")
    assert (missing["status"], json.loads(missing["text"])["exceptionName"]) == (404, "NotFoundException")


def test_a_page_with_a_token_calls_the_web_api(server: Running, page: Page) -> None:
    with server.scene.database.write() as db:
        jobs.queue(db, server.scene.anna, NewJob(server.scene.workflow_id))
    script = """async ({url, key, secret}) => {
      const body = new URLSearchParams({grant_type: "client_credentials", client_id: key, client_secret: secret});
      const {access_token} = await (await fetch(url + "/webapi/oauth2/token", {method: "POST", body})).json();
      const answer = await fetch(url + "/webapi/v3/workflows", {headers: {Authorization: "Bearer " + access_token}});
      return [answer.status, (await answer.json()).length];
    }"""
    got = page.evaluate(script, {"url": server.url, "key": server.user.key, "secret": server.user.secret})
    assert got[0] == 200
    assert got[1] >= 1


def test_the_pages_of_the_gallery_are_closed_to_it(server: Running, page: Page) -> None:
    """A page that knows no key reads nothing with the visitor's own session."""
    script = """async (url) => { try { await fetch(url, {credentials: "include"}); return "read"; } catch { return "closed"; } }"""
    assert page.evaluate(script, f"{server.url}/gallery/sign-in") == "closed"
