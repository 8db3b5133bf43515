"""The storage's promises kept by a bucket, behind a real server that speaks S3."""

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from galleria.errors import NotFoundError, TooLargeError
from galleria.storage.contract import Area, Storage
from galleria.storage.place import storage_at
from tests.clients.npm import installed
from tests.clients.running import free_port, wait_for

pytest.importorskip("obstore", reason="the extra s3 is not installed")

KEY = "S3RVER"
"""What the server takes, as key and as secret."""


@dataclass(frozen=True)
class Serving:
    url: str
    folder: Path
    """Where the server keeps what it is given."""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Generator[Serving]:
    folder, port = tmp_path_factory.mktemp("buckets"), free_port()
    program = installed() / "s3rver" / "bin" / "s3rver.js"
    with (folder.parent / f"{folder.name}.log").open("wb") as log:
        server = subprocess.Popen(
            ["node", program, "-d", folder, "-a", "127.0.0.1", "-p", str(port), "--configure-bucket", "gallery"], stdout=log, stderr=log
        )
        try:
            wait_for(port, server, Path(log.name))
            yield Serving(f"http://127.0.0.1:{port}", folder)
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture
def variables(serving: Serving) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL": serving.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": KEY}


@pytest.fixture
def bucket(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Storage:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return storage_at("s3://gallery/some/folder")


def objects(serving: Serving) -> str:
    return httpx2.get(f"{serving.url}/gallery?list-type=2").text


def test_what_is_stored_comes_back(bucket: Storage, tmp_path: Path) -> None:
    content = bytes(range(256)) * 50_000
    stored = bucket.put(Area.OUTPUTS, "65a1b2.yxdb", io.BytesIO(content))
    assert (stored.key, stored.size_bytes) == ("outputs/b2/65a1b2.yxdb", len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    with bucket.open(stored.key) as stream:
        assert stream.read() == content
        stream.seek(-1, io.SEEK_END)
        assert stream.read() == b"\xff"
        stream.seek(256)
        assert stream.read(3) == b"\x00\x01\x02"
    bucket.fetch(stored.key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    assert bucket.size_bytes(stored.key) == len(content)
    bucket.delete(stored.key)
    bucket.delete(stored.key)
    assert not bucket.exists(stored.key)


def test_a_later_file_takes_the_place_of_an_earlier_one(bucket: Storage) -> None:
    bucket.put(Area.PACKAGES, "aa", io.BytesIO(b"old"))
    key = bucket.put(Area.PACKAGES, "aa", io.BytesIO(b"")).key
    with bucket.open(key) as stream:
        assert stream.read() == b""


def test_what_is_too_large_leaves_nothing_behind(bucket: Storage, serving: Serving) -> None:
    with pytest.raises(TooLargeError):
        bucket.put(Area.INPUTS, "large", io.BytesIO(b"x" * 20_000_000), 18_000_000)
    assert "large" not in objects(serving)


def test_what_is_not_there_is_not_found(bucket: Storage, tmp_path: Path) -> None:
    for deed in (bucket.open, bucket.size_bytes):
        with pytest.raises(NotFoundError):
            deed("inputs/ab/ab")
    with pytest.raises(NotFoundError):
        bucket.fetch("inputs/ab/ab", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_bucket_that_does_not_answer_is_an_error_without_addresses(bucket: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(OSError, match="did not answer for inputs/ab/ab") as caught:
        storage_at("s3://gallery").size_bytes("inputs/ab/ab")
    assert "127.0.0.1" not in str(caught.value)


def test_the_worked_example_runs_over_a_bucket(variables: dict[str, str], serving: Serving, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "galleria", "demo", "--exit"],
        env={**os.environ, **variables, "GALLERIA_STORAGE_URL": "s3://gallery/demo"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = objects(serving)
    assert "demo/packages/" in found
    assert "demo/outputs/" in found
