"""The same endpoints below `/webapi`: tokens, bearers, names for enums, other bodies for failures."""

import base64
import json

import pytest

from galleria.api.oauth2 import DENIED
from galleria.gallery.actors import Role
from galleria.gallery.districts.service import DistrictChange, change_district, create_district
from galleria.gallery.keys import service as keys
from galleria.gallery.workflows.placing import place_workflow
from tests.api.gallery import Gallery, run_next
from tests.gallery.scene import SYSTEM, a_user

TOKEN = "/webapi/oauth2/token"
FORM = "application/x-www-form-urlencoded"


def basic(key: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


def token_of(gallery: Gallery) -> str:
    body = {"grant_type": "client_credentials", "client_id": gallery.user.key, "client_secret": gallery.user.secret}
    return gallery.http.post(TOKEN, data=body).json()["access_token"]


def bearer(gallery: Gallery) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(gallery)}"}


@pytest.mark.parametrize("path", [TOKEN, TOKEN + "/", "/WebAPI//OAuth2/Token"])
@pytest.mark.parametrize("form", ["body", "basic", "basic with a scope", "json"])
def test_a_token_is_given_for_a_users_pair_however_it_comes(gallery: Gallery, form: str, path: str) -> None:
    key, secret = gallery.user.key, gallery.user.secret
    grant = {"grant_type": "client_credentials"}
    pair = {**grant, "client_id": key, "client_secret": secret}
    scoped = {**grant, "scope": "admin", "resource": "x"}
    answer = {
        "body": lambda: gallery.http.post(path, data=pair),
        "basic": lambda: gallery.http.post(path, data=grant, headers=basic(key, secret)),
        "basic with a scope": lambda: gallery.http.post(path, data=scoped, headers=basic(key, secret)),
        "json": lambda: gallery.http.post(path, json=pair),
    }[form]()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json().pop("access_token")
    assert {**answer.json(), "access_token": "..."} == {"access_token": "...", "token_type": "bearer", "expires_in": 3600}
    assert gallery.http.get("/webapi/v1/workflows/subscription", headers={"Authorization": f"bearer {token}"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        ("grant_type=client_credentials&client_id={key}&client_secret=wrong", FORM, "invalid_client"),
        ("grant_type=client_credentials&client_id={key}", FORM, "invalid_client"),
        ("grant_type=client_credentials&client_id={studio_key}&client_secret={studio_secret}", FORM, "invalid_client"),
        ("grant_type=client_credentials", FORM, "invalid_client"),
        ("grant_type=password&client_id={key}&client_secret={secret}", FORM, "unsupported_grant_type"),
        ("client_id={key}&client_secret={secret}", FORM, "invalid_request"),
        ("", FORM, "invalid_request"),
        ("{{", "application/json", "invalid_request"),
        ("[" * 50_00, "application/json", "invalid_request"),
    ],
)
def test_a_wrong_request_for_a_token_is_explained_in_two_members(gallery: Gallery, body: str, content_type: str, error: str) -> None:
    filled = body.format(
        key=gallery.user.key, secret=gallery.user.secret, studio_key=gallery.studio.key, studio_secret=gallery.studio.secret
    )
    answer = gallery.http.post(TOKEN, content=filled, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nonsense", "Basic dTpw", "OAuth x"])
def test_without_a_valid_token_a_request_is_denied(gallery: Gallery, authorization: str) -> None:
    answer = gallery.http.get("/webapi/v1/workflows/subscription", headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()) == (401, {"message": DENIED})


def test_a_role_below_artisan_is_denied(gallery: Gallery) -> None:
    viewer = a_user(gallery.scene.database, "v@example.com", Role.MEMBER)
    with gallery.scene.database.write() as db:
        pair = keys.user_keys(db, viewer, viewer.user_id or "")
    token = gallery.http.post(TOKEN, data={"grant_type": "client_credentials"}, headers=basic(pair.key, pair.secret)).json()["access_token"]
    answer = gallery.http.get("/webapi/v1/workflows/subscription", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()) == (401, {"message": DENIED})


def test_enums_are_names_and_one_answer_is_indented(gallery: Gallery) -> None:
    headers = bearer(gallery)
    [workflow] = gallery.http.get("/webapi/v1/workflows/subscription", headers=headers).json()
    assert workflow["packageType"] == "Module"
    queued = gallery.http.post(f"/webapi/v1/workflows/{workflow['id']}/jobs", json={}, headers=headers).json()
    assert (queued["status"], queued["priority"]) == ("Queued", "Low")
    answer = gallery.http.get(f"/webapi/v1/jobs/{queued['id']}", headers=headers)
    assert answer.text.startswith('{\n  "id": "')
    assert json.loads(answer.text)["priority"] == "Low"


def test_an_output_needs_its_format_named(gallery: Gallery) -> None:
    headers = bearer(gallery)
    job_id = gallery.http.post(f"/webapi/v1/workflows/{gallery.scene.workflow_id}/jobs", headers=headers).json()["id"]
    run_next(gallery.scene, files={"output.yxdb": b"rows"})
    [output] = gallery.http.get(f"/webapi/v1/jobs/{job_id}", headers=headers).json()["outputs"]
    path = f"/webapi/v1/jobs/{job_id}/output/{output['id']}"
    assert gallery.http.get(path + "?format=Raw", headers=headers).content == b"rows"
    refused = gallery.http.get(path, headers=headers)
    assert (refused.status_code, list(refused.json())) == (400, ["message", "modelState"])


def test_a_package_has_another_path_than_in_the_classic_apis(gallery: Gallery) -> None:
    headers = bearer(gallery)
    assert gallery.http.get(f"/webapi/v1/workflows/{gallery.scene.workflow_id}/package", headers=headers).content[:2] == b"PK"
    assert gallery.http.get(f"/webapi/v1/{gallery.scene.workflow_id}/package", headers=headers).status_code == 404
    assert gallery.get(f"/gallery/api/v1/workflows/{gallery.scene.workflow_id}/package").status_code == 404
    assert gallery.http.get("/webapi/v1/jobs/" + "0" * 24, headers=headers).json() == {"message": "no job " + "0" * 24}


def test_a_workflow_names_its_districts(gallery: Gallery) -> None:
    headers = bearer(gallery)
    with gallery.scene.database.write() as db:
        shown, hidden = (create_district(db, SYSTEM, title) for title in ("Finance", "Plans"))
        place_workflow(db, SYSTEM, gallery.scene.workflow_id, [shown.id, hidden.id])
        change_district(db, SYSTEM, hidden.id, DistrictChange(is_active=False))
    [workflow] = gallery.http.get("/webapi/v3/workflows?view=Full", headers=headers).json()
    assert workflow["districtTags"] == [shown.id]
