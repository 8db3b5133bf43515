"""Publishing by upload: the form of Admin V1, its variants in clients, and what is refused."""

import io
import json
import zipfile
from importlib.resources import files

import pytest
from httpx2 import Response

from galleria.gallery.workflows import service as workflows
from tests.api.gallery import LIMITS, Gallery

PATH = "/gallery/api/admin/v1/workflows/"
DOCUMENT = files("galleria.demo").joinpath("workflow", "ecb-rates.yxmd").read_bytes()
UNSUPPORTED = b"""<?xml version="1.0"?><AlteryxDocument yxmdVer="2021.3"><Nodes><Node ToolID="1">
<GuiSettings Plugin="Nobody.Knows.This"><Position x="0" y="0"/></GuiSettings><Properties><Configuration/></Properties></Node></Nodes>
<Connections/><Properties/></AlteryxDocument>"""


def package(document: bytes = DOCUMENT, name: str = "Rates.yxmd") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, document)
    return stream.getvalue()


def publish(gallery: Gallery, content: bytes, file_name: str = "package.yxzp", **fields: str) -> Response:
    form = {
        "name": "Published",
        "owner": "ANNA@example.com",
        "validate": "false",
        "isPublic": "false",
        "sourceId": "",
        "workerTag": "",
        "canDownload": "true",
        "comments": "",
        **fields,
    }
    return gallery.call("POST", PATH, gallery.curator, data=form, files={"file": (file_name, content, "application/octet-stream")})


@pytest.mark.parametrize("variant", [{}, {"validate": "True", "isPublic": "TRUE"}, {"sourceAppId": ""}])
def test_a_package_is_published_for_its_owner(gallery: Gallery, variant: dict[str, str]) -> None:
    answer = publish(gallery, package(), **variant)
    assert answer.status_code == 200, answer.text
    assert answer.text == f'"{answer.json()}"'
    with gallery.scene.database.read() as db:
        found = workflows.get_workflow(db, gallery.scene.anna, answer.json())
        assert (found.name, found.owner_id, found.file_name) == ("Published", gallery.scene.anna.user_id, "Rates.yxmd")
        assert found.is_public is (variant.get("isPublic") == "TRUE")


def test_a_bare_document_and_an_owners_id_will_do(gallery: Gallery) -> None:
    assert publish(gallery, DOCUMENT, "Rates.yxmd", owner=gallery.scene.anna.user_id or "").status_code == 200


def test_what_came_from_the_same_source_gets_a_new_version(gallery: Gallery) -> None:
    first = publish(gallery, package(), sourceId="5f00")
    second = publish(gallery, package(), sourceAppId="5f00")
    assert first.json() == second.json()
    with gallery.scene.database.read() as db:
        assert [version.number for version in workflows.versions_of(db, gallery.scene.anna, first.json())] == [1, 2]


@pytest.mark.parametrize(
    ("content", "fields", "status", "word"),
    [
        (b"", {}, 400, "empty"),
        (b"no zip", {}, 422, "published"),
        (package(b"<nonsense", "Rates.yxmd"), {}, 422, "published"),
        (package(DOCUMENT, "readme.txt"), {}, 422, "published"),
        (package(UNSUPPORTED), {"validate": "true"}, 422, "Nobody.Knows.This"),
        (package(), {"owner": "nobody@example.com"}, 400, "owner"),
        (package(), {"owner": ""}, 400, "owner"),
        (package(), {"validate": "perhaps"}, 400, "perhaps"),
        (bytes(LIMITS.upload_bytes + (1 << 21)), {}, 413, "limit"),
    ],
)
def test_what_cannot_be_published_is_refused_in_words_and_leaves_nothing(
    gallery: Gallery, content: bytes, fields: dict[str, str], status: int, word: str
) -> None:
    root = gallery.scene.storage.root
    before = sorted(root.rglob("*.*"))
    answer = publish(gallery, content, **fields)
    assert answer.status_code == status, answer.text
    assert word in answer.json()["message"]
    assert sorted(root.rglob("*.*")) == before
    listed = gallery.get(PATH, pair=gallery.curator).json()
    assert [workflow["id"] for workflow in listed] == [gallery.scene.workflow_id]


def test_an_unsupported_workflow_is_published_with_its_report_unless_it_is_to_be_validated(gallery: Gallery) -> None:
    app = publish(gallery, package(UNSUPPORTED)).json()
    with gallery.scene.database.read() as db:
        assert [one.tool_id for one in workflows.report_of(db, gallery.boss, app).unsupported] == [1]


def test_an_upload_without_a_file_is_refused(gallery: Gallery) -> None:
    answer = gallery.call("POST", PATH, gallery.curator, files={"owner": (None, "anna@example.com")})
    assert (answer.status_code, json.loads(answer.text)["exceptionName"]) == (400, "BadRequestException")
