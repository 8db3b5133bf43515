"""What lies in `deploy/`: every variable is a setting, every command ours; units and proxy are what their programs take."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from oauthlib.oauth1 import Client
from typer.main import get_command

from galleria.cli.app import app
from galleria.settings import Settings
from tests.clients.running import free_port, running_server
from tests.patience import PATIENCE_S

DEPLOY = Path(__file__).parents[2] / "deploy"
FILES = [DEPLOY / name for name in ("compose.yaml", "galleria.env.example", "Containerfile", "README.md")]
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMMANDS: Any = get_command(app)


@pytest.mark.parametrize("file", [*FILES, *UNITS], ids=lambda file: file.name)
def test_every_variable_is_a_setting(file: Path) -> None:
    known = {f"GALLERIA_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"GALLERIA_[A-Z_]+[A-Z]", file.read_text("utf-8")))
    assert named - known == set()
    assert named or file.suffix == ".service"


def services() -> dict[str, dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]


def test_the_containers_work_together() -> None:
    found = services()
    ours = [service for service in found.values() if service.get("image") == "galleria"]
    shared = ("GALLERIA_DATABASE_URL", "GALLERIA_STORAGE_URL", "GALLERIA_SECRET_KEYS", "AWS_ENDPOINT_URL")
    assert len(ours) == 3
    assert len({tuple(service["environment"][name] for name in shared) for service in ours}) == 1
    workers = [service["environment"]["GALLERIA_WORKER_NAME"] for name, service in found.items() if name.startswith("worker-")]
    assert workers == ["worker-1", "worker-2"]
    assert found["server"]["environment"]["GALLERIA_TRUSTED_PROXIES"] == found["proxy"]["networks"]["front"]["ipv4_address"]
    assert [name for name, service in found.items() if service.get("ports")] == ["proxy"]
    for service in ours:
        accepts(service["command"])


def accepts(arguments: list[str]) -> None:
    """Have the command line read arguments without doing anything."""
    command = COMMANDS.commands[arguments[0]]
    command.make_context(arguments[0], [str(part) for part in arguments[1:]])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_start_commands_of_ours(unit: Path) -> None:
    [command] = re.findall(r"^ExecStart=/opt/galleria/bin/galleria (.+)$", unit.read_text("utf-8"), re.MULTILINE)
    accepts(command.split())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_units(unit: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    problems = [line for line in done.stderr.splitlines() if unit.name.partition("@")[0].partition(".")[0] in line]
    # The program is not installed here.
    assert [line for line in problems if "is not executable" not in line] == []


def test_what_compose_asks_for_is_explained() -> None:
    wanted = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    given = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert wanted == given


def test_both_proxies_are_the_same_but_for_the_place() -> None:
    def rules(name: str) -> list[str]:
        lines = (DEPLOY / name).read_text("utf-8").splitlines()
        return [line for line in lines if not re.search(r"#|server_name|ssl_certificate|proxy_pass", line)]

    assert rules("nginx.conf") == rules("nginx.conf.template")


def certificate(folder: Path) -> None:
    """Make a key and a certificate of its own for the name in the example."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    names = ["-subj", "/CN=gallery.example.com", "-addext", "subjectAltName=DNS:gallery.example.com,IP:127.0.0.1"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([openssl, "req", *kind, *files, *names], check=True, capture_output=True)


@pytest.fixture
def proxy_port() -> int:
    return free_port()


@pytest.fixture
def proxied(tmp_path: Path, proxy_port: int) -> Iterator[tuple[Any, str]]:
    """The real proxy with our file, in front of a real server; ports and places are this test's."""
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("no nginx on this machine")
    certificate(tmp_path)
    url = f"https://gallery.example.com:{proxy_port}"
    with running_server(tmp_path / "data", TRUSTED_PROXIES="127.0.0.1", BASE_URL=f"{url}/gallery") as server:
        text = (DEPLOY / "nginx.conf").read_text("utf-8")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};").replace("listen 443 ", f"listen 127.0.0.1:{proxy_port} ")
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}").replace("/etc/nginx/tls/gallery.example.com", str(tmp_path))
        places = "".join(f"{kind}_temp_path {tmp_path};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        whole = f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {places} {text} }}"
        (tmp_path / "nginx.conf").write_text(whole, "utf-8")
        process = subprocess.Popen([nginx, "-c", str(tmp_path / "nginx.conf")])
        try:
            wait_for_proxy(proxy_port, process)
            yield server, url
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def wait_for_proxy(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx2.get(f"https://127.0.0.1:{port}/health", verify=False, timeout=PATIENCE_S)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the proxy does not answer ({process.poll()})")


def test_signed_requests_pass_the_proxy(proxied: tuple[Any, str], proxy_port: int) -> None:
    server, url = proxied
    path = f"{url}/gallery/api/v1/workflows/subscription/"
    signer: Any = Client(server.studio.key, server.studio.secret)
    _, headers, _ = signer.sign(path, "GET")
    here = path.replace("gallery.example.com", "127.0.0.1")
    with httpx2.Client(verify=False, timeout=PATIENCE_S) as http:
        answer = http.get(here, headers={**headers, "Host": f"gallery.example.com:{proxy_port}"})
        assert (answer.status_code, len(answer.json())) == (200, 1), answer.text
        assert http.get(f"https://127.0.0.1:{proxy_port}/metrics").status_code == 404
        assert http.get(f"https://127.0.0.1:{proxy_port}/health/ready").json()["status"] == "ok"
