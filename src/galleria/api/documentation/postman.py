"""Our Postman collection and environment: requests from the routes, answers as they were recorded, assertions from the models.

A user imports both, sets the keys and a workflow's id, and sends Queue Job, Jobs and Output one after the other; run as a
whole, each request finds what it needs among what the ones before it kept.
"""

import csv
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, cast

from galleria.api.documentation.apis import APIS
from galleria.api.documentation.postman_scripts import script_of
from galleria.api.documentation.specs import examples, spec
from galleria.http.postman import variables_for_postman

COLLECTION_FILE = "galleria.postman_collection.json"
ENVIRONMENT_FILE = "galleria.postman_environment.json"
LOCAL_URL = "http://127.0.0.1:8080/gallery"

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_FOLDERS = {
    "subscription": ("subscription", "Subscription", "studio"),
    "user-v2": ("user v2", "User V2", "user"),
    "admin-v1": ("admin v1", "Admin V1", "user"),
    "admin-v2": ("admin v2", "Admin V2", "user"),
}
"""By the name in `APIS`: the word in `surface.tsv`, the folder's name, whose key signs."""
_ABOUT = """The classic APIs of a Galleria server.

Set the keys of the environment as *Profile > Keys* of the gallery shows them, and `appId`, which stands in a workflow's address.
Then send **Queue Job**, **Jobs** and **Output** of the folder *Subscription*: Queue Job keeps the `jobId`, Jobs the `outputId`.

Run as a whole, in order, the collection needs a Curator's key; two requests upload the files `sales.yxmd` and `regions.csv`."""
_VARIABLES = {"appId": "The workflow that is meant.", "jobId": "Queue Job keeps it.", "outputId": "Jobs keeps it."}
_WANTED = {"/admin/v1/auditlog/": {"entity": "User", "page": "1", "pageSize": "10"}}
"""Parameters that are sent unless somebody clears them; the others are there to be ticked."""
_FORMS = {"file": "sales.yxmd", "inputFile": "regions.csv", "owner": "{{email-address}}", "name": "Sales"}


def collection(gallery_url: str) -> dict[str, Any]:
    """Make the collection, every request of it pointed at this address unless an environment names another."""
    variables = {"gallery-url": gallery_url, **dict.fromkeys(_VARIABLES, ""), "email-address": ""}
    return {
        "info": {"_postman_id": _id("collection"), "name": "Galleria", "description": _ABOUT, "schema": _SCHEMA},
        "item": [_folder(name) for name in APIS],
        "variable": [{"key": name, "value": value} for name, value in variables.items()],
    }


def environment(gallery_url: str) -> Mapping[str, Any]:
    """Make the environment; its keys are for the user to fill in."""
    names = ("user-key", "user-secret", "studio-key", "studio-secret")
    return variables_for_postman({"gallery-url": gallery_url, **dict.fromkeys(names, "")})


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"galleria postman {name}"))


def _folder(name: str) -> dict[str, Any]:
    word, title, signer = _FOLDERS[name]
    made = json.loads(spec(name))
    text = files("galleria.api.classic").joinpath("surface.tsv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines(), delimiter="\t") if row["api"] == word]
    items = [_item(row["name"], row["method"], row["classic"], made["paths"][row["classic"]][row["method"].lower()]) for row in rows]
    return {"name": title, "description": APIS[name].about, "auth": _auth(signer), "item": items}


def _auth(signer: str) -> dict[str, Any]:
    texts = {
        "consumerSecret": f"{{{{{signer}-secret}}}}",
        "consumerKey": f"{{{{{signer}-key}}}}",
        "signatureMethod": "HMAC-SHA1",
        "version": "1.0",
    }
    switches = {"addParamsToHeader": True, "addEmptyParamsToSign": False}
    settings = [{"key": key, "value": value, "type": "string"} for key, value in texts.items()]
    return {"type": "oauth1", "oauth1": settings + [{"key": key, "value": value, "type": "boolean"} for key, value in switches.items()]}


def _item(name: str, method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    key = f"{method} {path}"
    request: dict[str, Any] = {
        "method": method,
        "header": [],
        **_body(key),
        "url": _url(path, operation),
        "description": _description(operation),
    }
    return {
        "name": name,
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": script_of(key, operation).splitlines()}}],
        "request": request,
        "response": list(_answers(request, operation)),
    }


def _url(path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _WANTED.get(path, {})
    parts = re.sub(r"\{(\w+)\}", r":\1", f"/api{path}").split("/")[1:]
    query = [
        {"key": one["name"], "value": wanted.get(one["name"], ""), "description": one.get("description", "")}
        | ({} if one["name"] in wanted else {"disabled": True})
        for one in operation.get("parameters", [])
        if one["in"] == "query"
    ]
    sent = "&".join(f"{name}={value}" for name, value in wanted.items())
    url: dict[str, Any] = {
        "raw": "{{gallery-url}}/" + "/".join(parts) + (f"?{sent}" if sent else ""),
        "host": ["{{gallery-url}}"],
        "path": parts,
    }
    variables = [
        {"key": part[1:], "value": f"{{{{{part[1:]}}}}}", "description": _VARIABLES[part[1:]]} for part in parts if part.startswith(":")
    ]
    return url | ({"query": query} if query else {}) | ({"variable": variables} if variables else {})


def _body(key: str) -> dict[str, Any]:
    sent = examples()[key].get("request", {})
    if "json" in sent:
        text = json.dumps(_blank(sent["json"]), indent=2)
        return {"body": {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}}
    if "form" in sent:
        return {"body": {"mode": "formdata", "formdata": [_field(name, value) for name, value in sent["form"].items()]}}
    return {}


def _blank(order: object) -> object:
    """What is asked differs from workflow to workflow: the user fills in names and values; unnamed answers count for nothing."""
    if not isinstance(order, dict):
        return order
    return cast("dict[str, object]", order) | {"questions": [{"name": "", "value": ""}]}


def _field(name: str, value: str) -> dict[str, Any]:
    if value == "(file)":
        return {"key": name, "type": "file", "src": _FORMS[name]}
    return {"key": name, "type": "text", "value": _FORMS.get(name, value)}


def _description(operation: Mapping[str, Any]) -> str:
    causes = "\n".join(f"| {status} | {answer['description']} |" for status, answer in operation["responses"].items())
    return f"{operation['summary']}\n\n| status | |\n|---|---|\n{causes}"


def _answers(request: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One of each status: what else causes it is told in the documentation."""
    sent = {name: part for name, part in request.items() if name != "description"}
    for status, answer in operation["responses"].items():
        for media_type, content in answer["content"].items():
            causes: Mapping[str, Any] = content.get("examples", {})
            shown = content.get("example", next((one["value"] for one in causes.values()), None))
            # A file is nothing to be shown.
            if media_type == "application/json":
                yield {
                    "name": f"{status} {answer['description']}",
                    "originalRequest": sent,
                    "code": int(status),
                    "_postman_previewlanguage": "json",
                    "header": [{"key": "Content-Type", "value": media_type}],
                    "body": json.dumps(shown, indent=2, ensure_ascii=False),
                }
