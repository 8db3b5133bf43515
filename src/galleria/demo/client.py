"""A client of the Gallery API as anybody would write one: signed requests, one after another, each printed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, cast

import httpx2
from oauthlib.oauth1 import Client
from rich.console import Console

from galleria.errors import GalleriaError

FIRST_POLL_S = 0.05
LONGEST_POLL_S = 2.0
PATIENCE_S = 120


@dataclass(frozen=True)
class GalleryClient:
    gallery_url: str
    key: str
    secret: str
    console: Console

    def queue(self, app_id: str) -> dict[str, Any]:
        return self._json("POST", f"/api/v1/workflows/{app_id}/jobs/", {})

    def wait(self, job_id: str) -> dict[str, Any]:
        """Poll until the job is completed; raises GalleriaError when that takes too long."""
        end, pause = time.monotonic() + PATIENCE_S, FIRST_POLL_S
        while time.monotonic() < end:
            job = self._json("GET", f"/api/v1/jobs/{job_id}/")
            if job["status"] == "Completed":
                return job
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL_S)
        raise GalleriaError(f"the job {job_id} was not completed within {PATIENCE_S} seconds; is a worker running?")

    def output(self, job_id: str, output_id: str) -> bytes:
        return self._request("GET", f"/api/v1/jobs/{job_id}/output/{output_id}/").content

    def _signature(self, method: str, url: str) -> dict[str, str]:
        """The Authorization header; a JSON body is no part of what is signed."""
        _, headers, _ = cast("Any", Client(self.key, self.secret)).sign(url, method)
        return dict(headers)

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._request(method, path, body).json()

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        url = f"{self.gallery_url}{path}"
        headers = {**self._signature(method, url), "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        response = httpx2.request(method, url, headers=headers, content=content, timeout=30)
        colour = "green" if response.is_success else "red"
        self.console.print(f"[bold]{method}[/bold] {url} [{colour}]{response.status_code}[/{colour}]", soft_wrap=True)
        if not response.is_success:
            raise GalleriaError(f"{method} {url} was answered {response.status_code}: {response.text[:300]}")
        return response
