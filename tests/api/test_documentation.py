"""The documentation says what the APIs do."""

import csv
import hashlib
import json
from importlib.resources import files
from typing import Any

import pytest

from galleria.api.documentation.apis import APIS
from galleria.api.documentation.specs import examples, schema_of, spec
from tests.api.gallery import Gallery
from tests.api.recording import recorded
from tests.api.surface import surface

DOCS = "/gallery/api-docs"
FOLDER = files("galleria.api.documentation")


def test_every_endpoint_is_documented_with_its_answers() -> None:
    documented: dict[str, dict[str, Any]] = {}
    for name in APIS:
        paths = json.loads(spec(name))["paths"]
        documented |= {f"{method.upper()} {path}": one for path, found in paths.items() for method, one in found.items()}
    assert set(documented) == {str(endpoint) for endpoint in surface()}
    for name, operation in documented.items():
        assert operation["summary"], name
        assert [one["name"] for one in operation.get("parameters", []) if not one.get("description")] == [], name
        assert {"200", "400", "401"} <= set(operation["responses"]), name
        assert [
            cause["value"]["message"][:12] for cause in operation["responses"]["401"]["content"]["application/json"]["examples"].values()
        ]
        assert ("requestBody" in operation) == (name.partition(" ")[0] != "GET"), name


def test_the_recorded_answers_are_what_the_apis_answer(gallery: Gallery) -> None:
    for name, exchange in recorded(gallery).items():
        shown = examples()[name]
        assert schema_of(exchange) == schema_of(shown), f"{name}: run python -m tests.api.recording and review the difference"


def test_the_page_is_read_without_a_key_and_nothing_in_it_comes_from_elsewhere(gallery: Gallery) -> None:
    page = gallery.http.get(f"{DOCS}/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "://" not in page.text
    assert gallery.http.get(DOCS, follow_redirects=False).headers["location"] == f"{DOCS}/"
    for name in ("page.css", "signing.js", "start.js", "swagger-ui-bundle.js", "swagger-ui.css", *(f"{api}.json" for api in APIS)):
        assert gallery.http.get(f"{DOCS}/{name}").status_code == 200, name
        assert name.endswith(".json") or name in page.text
    for name in ("examples.json", "nothing.js", "..%2fdoor.py"):
        assert gallery.http.get(f"{DOCS}/{name}").status_code == 404, name


def test_vendored_files_are_the_released_ones() -> None:
    rows = list(csv.DictReader(FOLDER.joinpath("vendor", "vendored.tsv").read_text().splitlines(), delimiter="\t"))
    assert len(rows) == 2
    for row in rows:
        assert hashlib.sha256(FOLDER.joinpath("vendor", row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert FOLDER.joinpath("vendor", row["file"].partition("/")[0], "LICENSE").is_file()


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (None, {}),
        (True, {"type": "boolean"}),
        (1, {"type": "integer"}),
        ([], {"type": "array", "items": {}}),
        ([{"a": "x"}], {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}),
    ],
)
def test_a_model_is_read_off_an_example(value: object, schema: dict[str, Any]) -> None:
    assert schema_of(value) == schema
