"""The static documentation: `python docs/build.py FOLDER`.

Every page comes from where the thing itself lies: tool pages beside the tools, functions from their signatures and cases,
endpoints from the routes and recorded answers. Nothing here is written twice.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "src" / "galleria" / "tools"
DOCUMENTS = {
    "index": "README.md",
    "moving": "docs/moving.md",
    "databases": "docs/databases.md",
    "architecture": "ARCHITECTURE.md",
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
}
RENDER = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Page:
    path: str
    """Below the folder, without `.html`."""
    markdown: str
    chapter: str

    @property
    def title(self) -> str:
        return re.sub(r"[`*]", "", self.markdown.partition("\n")[0].removeprefix("# "))


def pages() -> Iterator[Page]:
    for name, file in DOCUMENTS.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        yield Page(name, re.sub(r"\]\((?:docs/)?(\w+)\.md\)", lambda link: f"]({link[1].lower()}.html)", text), "Galleria")
    for page in sorted(TOOLS.glob("*/*.md")):
        yield Page(f"tools/{page.stem}", page.read_text(encoding="utf-8"), f"Tools: {page.parent.name.replace('_', ' ')}")
    yield from _function_pages()
    yield from _api_pages()


def _function_pages() -> Iterator[Page]:
    from galleria.formula.reference import reference_pages

    for family, markdown in reference_pages().items():
        yield Page(f"functions/{family}", markdown, "Functions")


def _api_pages() -> Iterator[Page]:
    from galleria.api.documentation.apis import APIS
    from galleria.api.documentation.specs import spec

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
        fields = content["schema"].get("properties", {}) if media_type == "multipart/form-data" else {}
        if fields:
            rows = [f"| `{name}` | {_sample(field)} |" for name, field in fields.items()]
            yield "\n".join([f"| field of a form (`{media_type}`) | such as |", "|---|---|", *rows])
        elif content["schema"].get("format") == "binary":
            yield f"A file (`{media_type}`, or as its name says)."
        shown = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
        yield from (f"```json\n{json.dumps(one, indent=2, ensure_ascii=False)}\n```" for one in shown)


def _sample(field: dict[str, Any]) -> str:
    return "a file" if field.get("format") == "binary" else f"`{field['example']}`" if field.get("example") else ""


def write(folder: Path) -> int:
    """Write every page and its style; returns their number."""
    made = list(pages())
    for page in made:
        target = folder / f"{page.path}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_html(page, made), encoding="utf-8")
    (folder / "style.css").write_text((Path(__file__).parent / "style.css").read_text(encoding="utf-8"), encoding="utf-8")
    return len(made)


def _html(page: Page, every: list[Page]) -> str:
    up = "../" * page.path.count("/")
    chapters: dict[str, list[Page]] = {}
    for one in every:
        chapters.setdefault(one.chapter, []).append(one)
    navigation = "".join(_chapter(name, found, page, up) for name, found in chapters.items())
    title = html.escape(page.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title} · Galleria</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{up}style.css"></head>\n'
        f"<body><nav>{navigation}</nav>\n<main>{RENDER.render(page.markdown)}</main></body>\n</html>\n"
    )


def _chapter(name: str, found: list[Page], page: Page, up: str) -> str:
    items = "".join(_item(one, is_here=one is page, up=up) for one in found)
    is_open = " open" if page in found or name == "Galleria" else ""
    return f"<details{is_open}><summary>{html.escape(name)}</summary><ul>{items}</ul></details>"


def _item(page: Page, *, is_here: bool, up: str) -> str:
    title = html.escape(page.title)
    return f'<li{" aria-current=page" if is_here else ""}><a href="{up}{page.path}.html">{title}</a></li>'


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "site")
    print(f"{write(target)} pages in {target}")
