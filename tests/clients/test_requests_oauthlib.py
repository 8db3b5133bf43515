"""`requests-oauthlib`, with the signature in the header, the query and the form; also behind a proxy that ends TLS."""

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1

from tests.clients.running import Running

PLACES = [SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_QUERY]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("search", ["Rates", "daily sales", "~*'()!ä&=+%/", ""])
def test_a_list_is_searched(server: Running, place: str, search: str) -> None:
    auth = OAuth1(server.studio.key, server.studio.secret, signature_type=place)
    answer = requests.get(f"{server.url}/gallery/api/v1/workflows/subscription/", {"search": search}, auth=auth, timeout=180)
    assert (answer.status_code, len(answer.json())) == (200, int(search in ("Rates", "")))
    assert (answer.raw.version, answer.reason) == (11, "OK")


@pytest.mark.parametrize("place", PLACES)
def test_a_job_is_queued_with_a_json_body(server: Running, place: str) -> None:
    auth = OAuth1(server.studio.key, server.studio.secret, signature_type=place)
    url = f"{server.url}/gallery/api/v1/workflows/{server.scene.workflow_id}/jobs/"
    answer = requests.post(url, json={"questions": []}, auth=auth, timeout=180, allow_redirects=False)
    assert (answer.status_code, answer.json()["status"]) == (200, "Queued")


def test_a_job_is_queued_with_a_signed_form(server: Running) -> None:
    auth = OAuth1(server.studio.key, server.studio.secret, signature_type=SIGNATURE_TYPE_BODY)
    url = f"{server.url}/gallery/api/v1/workflows/{server.scene.workflow_id}/jobs/"
    answer = requests.post(url, data={"priority": "0", "questions": "[]"}, headers=FORM, auth=auth, timeout=180)
    assert (answer.status_code, answer.json()["status"]) == (200, "Queued")
