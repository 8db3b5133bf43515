"""Every published method and path is there behind both doors, and nothing beside them."""

import re
from collections import Counter

import pytest
from fastapi import APIRouter

from galleria.api.classic import admin_v1, admin_v1_workflows, admin_v2, subscription, user_v2
from galleria.api.oauth1 import INVALID_KEY
from tests.api.gallery import Gallery
from tests.api.surface import Endpoint, surface

SHARED = [module.router for module in (subscription, user_v2, admin_v1, admin_v1_workflows, admin_v2)]
CLASSIC = [*SHARED, subscription.classic_only]
WEB = [*SHARED, subscription.web_only]


def pattern_of(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path).rstrip("/")


def served_by(routers: list[APIRouter]) -> set[tuple[str, str]]:
    return {(method, pattern_of(route.path)) for router in routers for route in router.routes for method in route.methods}


def test_the_published_surface_is_whole() -> None:
    assert Counter(endpoint.api for endpoint in surface()) == {"subscription": 7, "user v2": 3, "admin v1": 15, "admin v2": 5}


def test_each_door_serves_what_was_published_and_nothing_else() -> None:
    assert served_by(CLASSIC) == {(endpoint.method, pattern_of(endpoint.classic)) for endpoint in surface()}
    assert served_by(WEB) == {(endpoint.method, pattern_of(endpoint.web)) for endpoint in surface()}


@pytest.mark.parametrize("endpoint", surface(), ids=str)
def test_an_endpoint_answers_strangers_with_401_in_the_published_body(gallery: Gallery, endpoint: Endpoint) -> None:
    answer = gallery.http.request(endpoint.method, "/gallery/api" + re.sub(r"\{\w+\}", "0" * 24, endpoint.classic))
    assert (answer.status_code, answer.json()["exceptionName"]) == (401, "UnauthorizedException")
    answer = gallery.http.request(endpoint.method, "/webapi" + re.sub(r"\{\w+\}", "0" * 24, endpoint.web))
    assert (answer.status_code, answer.json()) == (401, {"message": "Authorization has been denied for this request."})


@pytest.mark.parametrize("endpoint", surface(), ids=str)
def test_the_key_of_another_kind_of_api_opens_nothing(gallery: Gallery, endpoint: Endpoint) -> None:
    path = "/gallery/api" + re.sub(r"\{\w+\}", "0" * 24, endpoint.classic)
    wrong = gallery.user if endpoint.api == "subscription" else gallery.studio
    answer = gallery.call(endpoint.method, path, wrong)
    assert (answer.status_code, answer.json()["message"]) == (401, INVALID_KEY)
    if endpoint.api.startswith("admin"):
        answer = gallery.call(endpoint.method, path, gallery.user)
        assert (answer.status_code, answer.json()["exceptionName"]) == (401, "UnauthorizedException")
