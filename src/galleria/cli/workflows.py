"""`galleria run` and `galleria check`: one workflow file, on this machine, with the user's own rights."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galleria.cli.answering import given_answers
from galleria.errors import InvalidError

if TYPE_CHECKING:
    from galleria.messages import Message
    from galleria.runner.surroundings import Far, Listener

WorkflowFile = Annotated[Path, typer.Argument(metavar="WORKFLOW", help="A .yxmd, .yxmc, .yxwz or .yxzp file.")]
_STYLES = {1: "", 2: "yellow", 3: "red", 5: "yellow", 6: "yellow", 8: "cyan", 9: "green", 101: "cyan"}


def run(
    workflow: WorkflowFile,
    answer: Annotated[list[str] | None, typer.Option(help='An answer to a question of an app: "Question name=value".')] = None,
    output_dir: Annotated[Path | None, typer.Option(help="Where relative output paths land; the current folder otherwise.")] = None,
    save_anchors: Annotated[Path | None, typer.Option(help="Save every tool's output anchors there as parquet.")] = None,
    messages: Annotated[Path | None, typer.Option(help="Write the messages there, one JSON object a line.")] = None,
    connection: Annotated[
        list[str] | None,
        typer.Option(help="A data connection that the workflow names: NAME=postgresql://... Other users of this machine can see it."),
    ] = None,
    connections: Annotated[Path | None, typer.Option(help="A file with one NAME=CONNECTION STRING a line.")] = None,
) -> int:
    """Run a workflow. Exit code 0: no errors; 1: completed with errors; 2: could not run; 3: usage."""
    from rich.console import Console

    from galleria.connecting.known import Databases
    from galleria.connecting.maps import read_path_maps
    from galleria.runner.listeners import MessageFile, Several, Silent
    from galleria.runner.local import local_run
    from galleria.settings import Settings

    console = Console(stderr=True, highlight=False)
    settings = Settings()
    databases = Databases(_connections(connection or [], connections), settings.known_sources)
    kept = Silent()
    with ExitStack() as stack:
        listeners: list[Listener] = [kept, _Terminal(console)]
        if messages:
            listeners.append(MessageFile(stack.enter_context(messages.open("w", encoding="utf-8"))))
        code = local_run(
            workflow,
            Several(listeners),
            answers=given_answers(answer, None) if answer else None,
            output_dir=output_dir,
            anchors=save_anchors,
            databases=databases,
            maps=read_path_maps(settings.path_maps),
            macro_folders=settings.macro_folders,
            addins=settings.formula_addins,
        )
    for path in kept.outputs:
        console.print(f"[green]wrote[/green] {path}", soft_wrap=True)
    console.print("[red]completed with errors[/red]" if code else "[green]completed[/green]")
    return int(code)


def check(
    workflow: WorkflowFile,
    schema: Annotated[Path | None, typer.Option(help="Write the schema of every anchor that has one there, as JSON.")] = None,
) -> int:
    """Say which tools of a workflow can run, without reading data. Exit code 0: all; 1: not all; 2: unreadable."""
    from rich.console import Console
    from rich.table import Table as Grid

    from galleria.runner.local import local_check
    from galleria.settings import Settings

    settings = Settings()
    checked = local_check(workflow, settings.macro_folders, settings.formula_addins)
    if schema:
        schema.write_text(json.dumps(checked.schemas, indent=1, ensure_ascii=False), encoding="utf-8")
    console = Console(highlight=False)
    if checked.findings:
        grid = Grid("tool", "plugin", "why it cannot run")
        for finding in checked.findings:
            reason = f"unsupported: {finding.feature}: {finding.detail}" if finding.is_unsupported else finding.detail
            grid.add_row(" / ".join(map(str, finding.key)), finding.plugin, reason)
        console.print(grid)
    supported = sum(1 for step in checked.plan.steps if all(finding.key != step.key for finding in checked.findings))
    console.print(f"{supported} tools can run, {len({finding.key for finding in checked.findings})} cannot")
    for finding in checked.findings:
        if finding.is_unsupported:
            typer.echo(f"unsupported: {finding.feature}: {finding.detail} (tool {finding.tool_id})", err=True)
    return 1 if checked.findings else 0


class _Terminal:
    """Messages as lines on the terminal."""

    def __init__(self, console: object) -> None:
        from rich.console import Console

        assert isinstance(console, Console)
        self.console = console

    def message(self, message: Message) -> None:
        from rich.text import Text

        where = f"tool {message.tool_id}" if message.tool_id is not None else "workflow"
        self.console.print(Text(f"{where}: {message.text}", style=_STYLES.get(int(message.status), "")), soft_wrap=True)

    def progress(self, far: Far) -> None:
        if self.console.is_terminal and not far.at_work:
            self.console.print(f"[dim]{far.done} of {far.steps} tools done[/dim]")

    def output(self, path: Path) -> None: ...


def _connections(texts: list[str], file: Path | None) -> dict[str, str]:
    """By name; lines of the file that are empty or begin with # say nothing."""
    from galleria.connecting.known import read_pairs

    lines: list[str] = []
    if file is not None:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeError) as error:
            raise InvalidError(f"{file} cannot be read: {type(error).__name__}") from error
    kept = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return read_pairs([*kept, *texts], "a connection")
