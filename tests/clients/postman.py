"""Postman collections, run by newman."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.npm import ROOT, installed

COLLECTION = ROOT.parent / "shared" / "postman" / "Alteryx Server API.postman_collection.json"
_RUN_S = 600


@dataclass(frozen=True)
class Request:
    name: str
    method: str
    status: int
    body: bytes


def published_copy(folder: Path) -> Path:
    if not COLLECTION.is_file():
        pytest.skip(f"the published collection is not at ../shared/postman/{COLLECTION.name}")
    copy = folder / "collection.json"
    shutil.copyfile(COLLECTION, copy)
    return copy


def run_collection(collection: Path, variables: Mapping[str, str], *options: str) -> list[Request]:
    """Run a collection, or the folder that the options name; gives what was answered, in order."""
    newman = installed() / ".bin" / "newman"
    report = _report_of(collection)
    given = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
    command = [str(newman), "run", str(collection), *given, "--reporters", "json", "--reporter-json-export", str(report), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_S, cwd=collection.parent)
    assert report.is_file(), done.stdout + done.stderr
    return [_request(execution) for execution in json.loads(report.read_text())["run"]["executions"]]


def failures_of(collection: Path) -> list[str]:
    """Give the assertions that failed when this collection ran, by their names."""
    return [
        failure["error"].get("test") or failure["error"]["message"]
        for failure in json.loads(_report_of(collection).read_text())["run"]["failures"]
    ]


def _report_of(collection: Path) -> Path:
    return collection.with_suffix(".report.json")


def _request(execution: dict[str, Any]) -> Request:
    response = execution.get("response") or {}
    body = bytes(response.get("stream", {}).get("data", []))
    return Request(execution["item"]["name"], execution["request"]["method"], response.get("code", 0), body)
