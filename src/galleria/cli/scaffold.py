"""`galleria new tool NAME`: a tool and its page, ready to be filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from galleria.errors import ConflictError, InvalidError

app = typer.Typer(no_args_is_help=True, help="Write the beginnings of something new.")

_TOOL = '''"""{title}: say in one line what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool


@dataclass(frozen=True)
class {name}(Tool):
    """Rows and their order: as they came."""

    plugins = ("AlteryxBasePluginsGui.{name}.{name}",)
    records: int

    @classmethod
    def read(cls, config: Configuration) -> Self:
        return cls(records=config.whole("Records", 1))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        return Built({{"Output": table.same_rows(table.frame, table.fields)}})
'''

_PAGE = """# {title}

Say in two sentences what it does.

## Passes rows on

```xml
<Configuration><Records value="1" /></Configuration>
```

Input:

| a: Int32 |
|----------|
| 1        |
| Null     |

Output:

| a: Int32 |
|----------|
| 1        |
| Null     |

## Source

Where the facts come from.
"""


@app.callback()
def _group() -> None:
    """Keeps `tool` a command of its own."""


@app.command()
def tool(
    name: Annotated[str, typer.Argument(help="The tool's name in words: 'Record ID'.")],
    family: Annotated[str, typer.Option(help="The folder it belongs to: preparation, join, parse, transform, ...")] = "preparation",
    folder: Annotated[Path, typer.Option(help="The folder of all tools.")] = Path("src/galleria/tools"),
) -> None:
    """Write a tool and its page, which pass the tests as they are; then change both."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    if not words or not words[0][0].isalpha():
        raise InvalidError(f"a tool's name begins with a letter, not {name!r}")
    if not folder.is_dir():
        raise InvalidError(f"{folder} is no folder; run this at the top of the project, or say --folder")
    stem = "_".join(words).lower()
    source, page = folder / family / f"{stem}.py", folder / family / f"{stem}.md"
    for path in (source, page):
        if path.exists():
            raise ConflictError(f"{path} is there already")
    source.parent.mkdir(exist_ok=True)
    (source.parent / "__init__.py").touch()
    texts = {"title": " ".join(words), "name": "".join(word[0].upper() + word[1:] for word in words)}
    source.write_text(_TOOL.format(**texts), encoding="utf-8")
    page.write_text(_PAGE.format(**texts), encoding="utf-8")
    typer.echo(f"{source}\n{page}\nnow: pytest tests/test_tool_pages.py -k {stem}")
