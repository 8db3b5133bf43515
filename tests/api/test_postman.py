"""The Postman collection is what the routes say, here in the repository and offered by the server."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from galleria.api.documentation.postman import COLLECTION_FILE, ENVIRONMENT_FILE, LOCAL_URL, collection
from galleria.http.origins import PublicAddress
from tests.api.gallery import Gallery, a_gallery
from tests.api.surface import surface
from tests.gallery.scene import Scene

ROOT = Path(__file__).parents[2]
DOCS = "/gallery/api-docs"


def written() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("galleria_docs_postman", ROOT / "docs" / "postman.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.texts()


def requests_of(made: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(folder["name"].lower(), item["name"]): item for folder in made["item"] for item in folder["item"]}


@pytest.mark.parametrize("name", [COLLECTION_FILE, ENVIRONMENT_FILE])
def test_the_committed_files_are_what_make_postman_writes(name: str) -> None:
    assert (ROOT / "postman" / name).read_text("utf-8") == written()[name], "run make postman and review the difference"


def test_every_endpoint_has_its_request_with_assertions_and_answers() -> None:
    found = requests_of(collection(LOCAL_URL))
    assert set(found) == {(endpoint.api, endpoint.name) for endpoint in surface()}
    for endpoint in surface():
        item = found[endpoint.api, endpoint.name]
        path = "/".join(f"{{{part[1:]}}}" if part.startswith(":") else part for part in item["request"]["url"]["path"])
        assert (item["request"]["method"], f"/{path}") == (endpoint.method, f"/api{endpoint.classic}")
        assert "\n".join(item["event"][0]["script"]["exec"]).count("pm.test(") >= 2
        assert {answer["code"] for answer in item["response"]} >= {400, 401}


def test_the_variables_are_those_of_the_published_collection() -> None:
    environment = json.loads(written()[ENVIRONMENT_FILE])
    assert [one["key"] for one in environment["values"]] == ["gallery-url", "user-key", "user-secret", "studio-key", "studio-secret"]
    assert {one["key"] for one in collection(LOCAL_URL)["variable"]} >= {"appId", "jobId", "outputId"}


@pytest.mark.parametrize(
    ("public", "url"),
    [(PublicAddress(), "http://testserver/gallery"), (PublicAddress("https://example.org/tools"), "https://example.org/tools")],
)
def test_a_server_offers_both_files_pointed_at_itself(scene: Scene, public: PublicAddress, url: str) -> None:
    http = a_gallery(scene, public).http
    for name, variables in ((COLLECTION_FILE, "variable"), (ENVIRONMENT_FILE, "values")):
        answer = http.get(f"{DOCS}/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert {one["key"]: one["value"] for one in answer.json()[variables]}["gallery-url"] == url


def test_the_pages_link_to_them(gallery: Gallery) -> None:
    page = gallery.http.get(f"{DOCS}/").text
    assert f'href="{COLLECTION_FILE}"' in page
    assert f'href="{ENVIRONMENT_FILE}"' in page
