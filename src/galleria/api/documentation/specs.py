"""OpenAPI files of the APIs: routes and parameters from the code, models and examples from recorded answers."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from fastapi.openapi.utils import get_openapi

from galleria.api.classic.door import MOUNT, shape_error
from galleria.api.documentation.apis import APIS
from galleria.api.oauth1 import INVALID_KEY, INVALID_SIGNATURE, USED_NONCE

_SCHEME = "signature"
_ABOUT_SIGNING = """

Every request is signed with the key and secret of {key}: OAuth 1.0a with HMAC-SHA1 and no token (RFC 5849). **Authorize**
takes the key as user name and the secret as password; the page signs what is tried out, and neither sends nor stores the secret.
"""
_FAILURES: Mapping[int, tuple[str, ...]] = {
    400: (
        "A parameter, the body or an answer makes no sense; the message names it.",
        "limit: Input should be a valid integer",
        "direction 'up' is unknown; it is one of asc, desc",
        "the request's body is not JSON: Expecting value: line 1 column 1 (char 0)",
    ),
    401: (
        "Nobody's key, or a wrong signature, time or nonce.",
        INVALID_KEY,
        INVALID_SIGNATURE,
        "The request is not signed: the parameter oauth_consumer_key is missing.",
        "The timestamp (oauth_timestamp) is -3600 seconds off; at most 300 are accepted.",
        USED_NONCE,
    ),
    403: (
        "The thing may be seen, but not be used like this.",
        "the workflow 'Rates' is not to be run: running it was switched off",
        "the owner does not let others download this workflow",
    ),
    404: ("There is no such thing, or none that the caller may see.", "no workflow 0123456789abcdef01234567"),
    413: ("What was sent is larger than a limit allows.", "the upload is larger than the limit of 1,073,741,824 bytes"),
    422: (
        "The file that was sent cannot be published or converted; the message says why.",
        "the uploaded file cannot be published: it is no readable zip file: it has no zip directory",
    ),
}
"""By status: when it is given, and messages as they come."""
_PARAMETERS: Mapping[str, str] = {
    "appId": "A workflow's id; it stands in the address of the workflow's page.",
    "jobId": "The id that queuing the run gave.",
    "outputId": "The id of one of the run's outputs.",
    "version": "The id of a version; the published one when absent.",
    "format": "One of the formats that the output is listed with, in any letter case; `Raw`, as it was written, when absent.",
    "attachment": "`true`: a browser is to save the file, not to show it.",
    "includeMessages": "`false`: without messages.",
    "includeMessage": "`false`: without messages.",
    "entity": "What kind of thing was changed, such as `User`, `AppInfo` (a workflow) or `Collection`; all kinds when absent.",
    "appIds": "The ids of workflows, parted by commas; all when absent.",
    "subscriptionIds": "The ids of studios, parted by commas; all when absent.",
    "subscriptionId": "The id of a studio; all when absent.",
    "startDate": "The first day or moment, in UTC unless it says otherwise.",
    "endDate": "The last day or moment, inclusive.",
    "useEvents": "`true`: the dates are those of anything that happened to the workflow, not of its last upload.",
    "name": "The workflow's whole name.",
    "after": "Where the window begins; now when absent.",
    "before": "Where the window ends.",
    "afterDate": "The same as `after`.",
    "beforeDate": "The same as `before`.",
}
"""What is said of a parameter that says nothing itself."""


@cache
def spec(name: str) -> bytes:
    """Make the OpenAPI file of one of `APIS`, as JSON; KeyError for another name."""
    api = APIS[name]
    routes = [route for router in api.routers for route in router.routes]
    made = get_openapi(
        title=api.title,
        version=api.version,
        description=api.about + _ABOUT_SIGNING.format(key=api.key),
        routes=routes,
        servers=[{"url": MOUNT}],
    )
    made["paths"] = {_published(path): _operations(path, found, api.title) for path, found in made["paths"].items()}
    made["components"] = {"securitySchemes": {_SCHEME: {"type": "http", "scheme": "basic", "description": f"Key and secret of {api.key}"}}}
    made["security"] = [{_SCHEME: []}]
    return json.dumps(made, ensure_ascii=False).encode()


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """Give the recorded request and answer of every endpoint, by `METHOD /path/`."""
    return json.loads(files("galleria.api.documentation").joinpath("examples.json").read_text("utf-8"))


def _published(path: str) -> str:
    """Write a path as it was published: parameters in camel case, a slash at the end."""
    return re.sub(r"\{(\w+)\}", lambda match: f"{{{_camel(match[1])}}}", path) + "/"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _operations(path: str, found: dict[str, Any], tag: str) -> dict[str, Any]:
    return {method: _operation(f"{method.upper()} {_published(path)}", operation) | {"tags": [tag]} for method, operation in found.items()}


def _operation(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    recorded = examples()[name]
    for parameter in operation.get("parameters", []):
        parameter["name"] = _camel(parameter["name"])
        parameter.setdefault("description", _PARAMETERS.get(parameter["name"], ""))
        parameter["schema"].pop("title", None)
    operation.pop("operationId", None)
    # The list shows what an endpoint does in its own words, not in its function's.
    operation["summary"] = operation.pop("description").partition("\n")[0]
    if "request" in recorded:
        operation["requestBody"] = {"content": _content(recorded["request"])}
    statuses: set[int] = {400, 401, *recorded.get("failures", [])}
    if "{" in name:
        statuses.add(404)
    answer = {"description": "Success", "content": _content(recorded["answer"])}
    return operation | {"responses": {"200": answer, **{str(status): _failure(status, *_FAILURES[status]) for status in sorted(statuses)}}}


def _failure(status: int, description: str, *messages: str) -> dict[str, Any]:
    shown = {f"cause {number}": {"value": shape_error(status, message)} for number, message in enumerate(messages, 1)}
    schema = schema_of(shape_error(status, messages[0]))
    return {"description": description, "content": {"application/json": {"schema": schema, "examples": shown}}}


def _content(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent or answered: JSON with its model, the fields of a form, or a file."""
    if "form" in recorded:
        return {"multipart/form-data": {"schema": {"type": "object", "properties": dict(_form(recorded["form"]))}}}
    if "file" in recorded:
        return {recorded["file"]: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schema_of(recorded["json"]), "example": recorded["json"]}}


def _form(fields: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in fields.items():
        yield name, {"type": "string", "format": "binary"} if value == "(file)" else {"type": "string", "example": value}


def schema_of(value: object) -> dict[str, Any]:
    """Describe JSON of this form; null says nothing about what else may stand there."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {
            "type": "object",
            "properties": {name: _member(name, member) for name, member in members.items()},
            "required": [name for name in members if name not in _LEFT_OUT],
        }
    if isinstance(value, list):
        elements = cast("list[object]", value)
        return {"type": "array", "items": schema_of(elements[0]) if elements else {}}
    if value is None:
        return {}
    names: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": names[type(value)]}


def _member(name: str, value: object) -> dict[str, Any]:
    schema = schema_of(value)
    if name in _NULLABLE and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


_LEFT_OUT = frozenset(("value", "items", "multiple"))
"""Members of a question that are missing where it has none."""
_NULLABLE = frozenset(
    """accountLockedAt addedById application creator credential dateMadePublic endTime expirationDate lastModifiedId lastRunDate
    lastRunTime newValues nextRunTime oldValues owner publishedVersionOwner updateLastLoginDate user userId workerTag""".split()
)
"""Members that are null where there is nothing to tell."""
