"""The three endpoints of the User API, v2."""

import re

import pytest

from galleria.gallery.credentials import service as credentials
from galleria.gallery.files.service import find_input_files
from galleria.gallery.jobs import service as jobs
from galleria.gallery.shares.records import Party
from tests.api.gallery import LIMITS, Gallery
from tests.gallery.scene import a_workflow

API = "/gallery/api/user/v2"
ID = re.compile("[0-9a-f]{24}")


def shared_credential(gallery: Gallery) -> str:
    with gallery.scene.database.write() as db:
        found = credentials.create_credential(db, gallery.boss, "DOMAIN\\anna", "secret")
        credentials.share_credential(db, gallery.boss, found.id, Party.USER, gallery.scene.anna.user_id or "")
        credentials.create_credential(db, gallery.boss, "DOMAIN\\other", "secret")
        return found.id


def upload(gallery: Gallery, content: bytes, part: str = "inputFile", name: str = "rates.csv") -> object:
    return gallery.call("POST", f"{API}/inputfiles/", gallery.user, files={part: (name, content, "text/csv")})


def test_only_shared_credentials_are_listed_and_never_their_passwords(gallery: Gallery) -> None:
    credential_id = shared_credential(gallery)
    answer = gallery.get(f"{API}/credentials/", pair=gallery.user)
    assert answer.json() == [{"id": credential_id, "userName": "DOMAIN\\anna"}]


@pytest.mark.parametrize("part", ["inputFile", "file", "anything"])
def test_an_uploaded_file_answers_a_question(gallery: Gallery, part: str) -> None:
    scene = gallery.scene
    asked = [{"name": "File Browse (6)", "type": "FileBrowse"}]
    app = a_workflow(scene.database, scene.storage, scene.folder, scene.anna, kind="app", questions=asked)
    uploaded = upload(gallery, b"a,b\r\n", part, name="..\\x/ra\u0308tes.csv")
    assert uploaded.status_code == 200
    file_id = uploaded.json()
    assert uploaded.text == f'"{file_id}"'
    assert ID.fullmatch(file_id)
    with scene.database.read() as db:
        [file] = find_input_files(db, scene.anna, [file_id]).values()
    assert file.name == "ra\u0308tes.csv"
    with scene.storage.open(file.storage_key) as stored:
        assert stored.read() == b"a,b\r\n"
    body = {"questions": [{"name": "File Browse (6)", "value": file_id}], "priority": "Low", "credentialId": ""}
    queued = gallery.post(f"{API}/workflows/{app}/jobs/", body, pair=gallery.user)
    assert (queued.status_code, queued.json()["status"], queued.json()["priority"]) == (200, "Queued", 0)
    body["questions"][0]["value"] = "0" * 24
    assert gallery.post(f"{API}/workflows/{app}/jobs/", body, pair=gallery.user).status_code == 400


def test_a_job_runs_with_a_credential_that_is_shared_with_the_caller(gallery: Gallery) -> None:
    credential_id = shared_credential(gallery)
    path = f"{API}/workflows/{gallery.scene.workflow_id}/jobs/"
    job_id = gallery.post(path, {"credentialId": credential_id}, pair=gallery.user).json()["id"]
    with gallery.scene.database.read() as db:
        assert jobs.get_job(db, gallery.scene.anna, job_id).credential_id == credential_id
    assert gallery.post(path, {"credentialId": "0" * 24}, pair=gallery.user).status_code == 404


def test_uploads_that_are_none_or_empty_or_too_large_are_refused_and_leave_nothing(gallery: Gallery) -> None:
    root = gallery.scene.storage.root
    before = sorted(root.rglob("*.*"))
    assert gallery.call("POST", f"{API}/inputfiles/", gallery.user).status_code == 400
    assert gallery.call("POST", f"{API}/inputfiles/", gallery.user, files={"inputFile": ("", b"")}).status_code == 400
    assert upload(gallery, b"").status_code == 400
    assert upload(gallery, bytes(LIMITS.upload_bytes + 1)).status_code == 413
    assert upload(gallery, bytes(LIMITS.upload_bytes + (1 << 21))).status_code == 413
    assert sorted(root.rglob("*.*")) == before


def test_an_upload_without_announced_length_is_stopped_at_the_limit(gallery: Gallery) -> None:
    start = b'--x\r\nContent-Disposition: form-data; name="inputFile"; filename="a"\r\n\r\n'
    parts = iter([start, *[bytes(1 << 20)] * 3, b"\r\n--x--\r\n"])
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert gallery.call("POST", f"{API}/inputfiles/", gallery.user, content=parts, headers=headers).status_code == 413
    assert gallery.call("POST", f"{API}/inputfiles/", gallery.user, content=b"nonsense", headers=headers).status_code == 400
