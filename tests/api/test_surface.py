"""Every published method and path is there, and nothing beside them."""

import re
from collections import Counter

import pytest

from galleria.api.classic import subscription
from tests.api.gallery import Gallery
from tests.api.surface import Endpoint, surface

SERVED = [endpoint for endpoint in surface() if endpoint.api == "subscription"]


def pattern_of(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path).rstrip("/")


def test_the_published_surface_is_whole() -> None:
    assert Counter(endpoint.api for endpoint in surface()) == {"subscription": 7, "user v2": 3, "admin v1": 15, "admin v2": 5}


def test_nothing_is_served_that_was_not_published() -> None:
    served = {(method, pattern_of(route.path)) for route in subscription.router.routes for method in route.methods}
    assert served == {(endpoint.method, pattern_of(endpoint.classic)) for endpoint in SERVED}


@pytest.mark.parametrize("endpoint", SERVED, ids=str)
def test_an_endpoint_answers_strangers_with_401_in_the_published_body(gallery: Gallery, endpoint: Endpoint) -> None:
    answer = gallery.http.request(endpoint.method, "/gallery/api" + re.sub(r"\{\w+\}", "0" * 24, endpoint.classic))
    assert (answer.status_code, answer.json()["exceptionName"]) == (401, "UnauthorizedException")
