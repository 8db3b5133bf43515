"""`galleria demo`: the worked example."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    live: Annotated[bool, typer.Option("--live", help="Read the European Central Bank's real feed.")] = False,
    leave: Annotated[bool, typer.Option("--exit", help="Stop when the example is through.")] = False,
    port: Annotated[int, typer.Option(help="Port of the gallery; 0 takes any that is free.")] = 0,
) -> None:
    """Publish a workflow, queue it with a signed request, poll the job, read its messages, download output.yxdb."""
    from rich.console import Console

    from galleria.demo.show import demo as show

    show(Console(), live=live, leave=leave, port=port)
