"""The page of each API: every endpoint with what it takes, a request and a recorded answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from galleria.api.documentation.apis import APIS
from galleria.api.documentation.specs import spec
from galleria.documentation.pages import Page


def api_pages() -> Iterator[Page]:
    for name, api in APIS.items():
        made = json.loads(spec(name))
        parts = [f"# {api.title} V{api.version}", made["info"]["description"]]
        for path, operations in made["paths"].items():
            for method, operation in operations.items():
                parts.append(_endpoint(f"{method.upper()} {path}", operation))
        yield Page(f"api/{name}", "\n\n".join(parts), "APIs")


def _endpoint(heading: str, operation: dict[str, Any]) -> str:
    parts = [f"## {heading}", operation.get("summary", ""), operation.get("description", "")]
    parameters = [f"| `{one['name']}` | {one['in']} | {one.get('description', '')} |" for one in operation.get("parameters", [])]
    if parameters:
        parts.append("\n".join(["| parameter | where | |", "|---|---|---|", *parameters]))
    body = list(_contents(operation.get("requestBody", {})))
    if body:
        parts += ["Request body:", *body]
    for status, answer in sorted(operation["responses"].items()):
        parts.append(f"**{status}** {answer.get('description', '')}")
        parts += _contents(answer)
    return "\n\n".join(part for part in parts if part)


def _contents(holder: dict[str, Any]) -> Iterator[str]:
    """Show what is sent or answered: every example, the fields of a form, or which kind of file."""
    for media_type, content in holder.get("content", {}).items():
        fields: dict[str, Any] = content["schema"].get("properties", {}) if media_type == "multipart/form-data" else {}
        if fields:
            rows = [f"| `{name}` | {_sample(field)} |" for name, field in fields.items()]
            yield "\n".join([f"| field of a form (`{media_type}`) | such as |", "|---|---|", *rows])
        elif content["schema"].get("format") == "binary":
            yield f"A file (`{media_type}`, or as its name says)."
        shown = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
        yield from (f"```json\n{json.dumps(one, indent=2, ensure_ascii=False)}\n```" for one in shown)


def _sample(field: dict[str, Any]) -> str:
    return "a file" if field.get("format") == "binary" else f"`{field['example']}`" if field.get("example") else ""
