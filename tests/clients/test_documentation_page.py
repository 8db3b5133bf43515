"""The interactive documentation in a real browser: signed in the page, the secret never sent."""

import shutil
from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.clients.running import Running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


class Seen:
    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.sent: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.sent.append(f"{request.url} {request.headers} {request.post_data}"))


@pytest.fixture
def page(server: Running) -> Generator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def status_of_trying(page: Page, path: str) -> str:
    block = page.locator(".opblock", has=page.get_by_text(path, exact=True)).first
    if "is-open" not in (block.get_attribute("class") or ""):
        block.locator(".opblock-summary").click()
    with page.expect_response(lambda response: "/gallery/api/" in response.url) as answered:
        block.get_by_role("button", name="Execute").click()
    block.locator(".live-responses-table .response").wait_for()
    return str(answered.value.status)


def test_a_request_is_tried_out_with_the_visitors_own_key(server: Running, page: Page) -> None:
    seen = Seen(page)
    page.goto(f"{server.url}/gallery/api-docs/")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() == 7
    assert status_of_trying(page, "/v1/workflows/subscription/") == "401"
    page.locator("button.authorize").first.click()
    page.get_by_label("Username").fill(server.studio.key)
    page.get_by_label("Password").fill(server.studio.secret)
    page.locator(".auth-btn-wrapper button.authorize").click()
    page.locator(".auth-btn-wrapper button.btn-done").click()
    assert status_of_trying(page, "/v1/workflows/subscription/") == "200"
    assert not any(server.studio.secret in sent for sent in seen.sent)
    stored: Any = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert server.studio.secret not in stored
    # The refused request is the only thing that the browser complains about.
    assert [text for text in seen.complaints if "401" not in text] == []


def test_each_api_has_its_page(server: Running, page: Page) -> None:
    seen = Seen(page)
    counts = {}
    for api in ("subscription", "user-v2", "admin-v1", "admin-v2"):
        page.goto(f"{server.url}/gallery/api-docs/?api={api}")
        page.wait_for_selector(".opblock")
        counts[api] = page.locator(".opblock").count()
    assert counts == {"subscription": 7, "user-v2": 3, "admin-v1": 15, "admin-v2": 5}
    assert seen.complaints == []
