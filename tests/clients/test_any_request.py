"""Requests that nobody thought of, made from the documentation: no server error, and answers that fit their models."""

import json
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from requests_oauthlib import OAuth1
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from galleria.api.documentation.apis import APIS
from galleria.api.documentation.specs import spec
from tests.clients.running import Running

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def all_at_once() -> Any:
    """One specification of all four APIs; what is tested does not change what comes after it."""
    whole = json.loads(spec("subscription"))
    for name in APIS:
        whole["paths"] |= json.loads(spec(name))["paths"]
    return whole


schema = schemathesis.openapi.from_dict(all_at_once())


@schema.parametrize()
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_signed_request_of_any_kind_is_answered_as_documented(case: Case, server: Running) -> None:
    pairs = {"/v1": server.studio, "/us": server.user, "/ad": server.curator}
    pair = pairs[case.operation.path[:3]]
    # Path values as a client would have them: of a thing that is there.
    case.call_and_validate(
        base_url=f"{server.url}/gallery/api",
        auth=OAuth1(pair.key, pair.secret),
        checks=CHECKS,
        timeout=180,
        allow_redirects=False,
    )
