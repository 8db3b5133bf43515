"""Signatures made for the address of a real proxy that ends TLS."""

from pathlib import Path

import pytest
import requests
from alteryx_gallery_py import subscriptions
from oauthlib.oauth1 import SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1

from tests.clients.proxy import FORWARDED, NGINX, tls_proxy
from tests.clients.running import Running, free_port, running_server

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def queue(server: Running, url: str, place: str, certificate: Path) -> int:
    auth = OAuth1(server.studio.key, server.studio.secret, signature_type=place)
    path = f"{url}/gallery/api/v1/workflows/{server.scene.workflow_id}/jobs/"
    form = {"Content-Type": "application/x-www-form-urlencoded"} if place == SIGNATURE_TYPE_BODY else {}
    return requests.post(path, data={"priority": "0"}, headers=form, auth=auth, verify=str(certificate), timeout=180).status_code


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({"TRUSTED_PROXIES": "127.0.0.1"}, FORWARDED, 200),
        ({"TRUSTED_PROXIES": "10.0.0.0/8"}, FORWARDED, 401),
        ({"BASE_URL": "https://127.0.0.1:{port}/gallery"}, "", 200),
        ({}, FORWARDED, 401),
    ],
    ids=["a trusted proxy", "a proxy that is not trusted", "the configured address", "neither"],
)
def test_the_clients_address_counts_when_it_is_configured_or_forwarded_by_a_trusted_proxy(
    tmp_path: Path, settings: dict[str, str], headers: str, status: int
) -> None:
    port = free_port()
    chosen = {name: value.format(port=port) for name, value in settings.items()}
    with running_server(tmp_path, **chosen) as server, tls_proxy(tmp_path, server.url, port, headers) as url:
        for place in (SIGNATURE_TYPE_AUTH_HEADER, SIGNATURE_TYPE_QUERY, SIGNATURE_TYPE_BODY):
            assert queue(server, url, place, tmp_path / "certificate.pem") == status
            # Called directly, the address as received always counts.
            assert queue(server, server.url, place, tmp_path / "certificate.pem") == 200


def test_alteryx_gallery_py_works_through_the_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_server(tmp_path, TRUSTED_PROXIES="127.0.0.1") as server, tls_proxy(tmp_path, server.url, free_port(), FORWARDED) as url:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
        client = subscriptions.Subscriptions(server.studio.key, server.studio.secret, f"{url}/gallery/")
        assert [workflow["id"] for workflow in client.get_workflows(search="Rates")] == [server.scene.workflow_id]
