"""Run Command: writes its rows to a file, runs a program, and reads what the program left."""

import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import ClassVar, Self

from galleria.errors import GalleriaError, ToolError
from galleria.formats.catalogue import format_of
from galleria.formats.format import Target
from galleria.formats.options import Options
from galleria.formats.reading import PART_MARK, Request, read, split_name
from galleria.messages import Status
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, World, error
from galleria.tools.files import built_of, circumstances, format_code, read_messages, read_request, records_were


@dataclass(frozen=True)
class Written:
    """The file that gets the rows before the program runs."""

    name: str
    part: str
    code: int | None
    options: Options


@dataclass(frozen=True)
class RunCommand(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.RunCommand.RunCommand",)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input", optional=True),)
    acts: ClassVar[bool] = True

    program: str
    arguments: str
    folder: str
    """Where the program runs; empty for the folder in which relative names are written."""
    written: Written | None
    results: Request | None
    """What is read afterwards."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        program = config.value("ProgramName").strip()
        if not program:
            raise ToolError("There is no command to run.")
        output = config.child("OutputConfiguration/Configuration")
        written = None
        if output.child("File").text.strip():
            name, part = split_name(output.child("File").text)
            written = Written(name, part, format_code(output), Options.of(output.child("FormatSpecificOptions").element))
        results = config.child("InputConfiguration/Configuration")
        request = read_request(results) if results.child("File").text.strip() else None
        return cls(program, config.value("Arguments"), config.value("WorkingDir").strip(), written, request)

    def build(self, inputs: Inputs, context: Context) -> Built:
        if self.results is None:
            return Built({"Output": empty_table(())})
        try:
            fields = read(self.results, context.files.to_read, circumstances(context)).table.fields
        except GalleriaError:
            fields = context.saved_fields.get("Output", ())
        return Built({"Output": empty_table(fields)})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        if not world.unrestricted:
            raise ToolError("This run may not start programs; an administrator can allow it.")
        notes: list[Say] = []
        table = inputs.find("Input")
        if table is not None and self.written is not None:
            notes.append(self._write(table, self.written, context))
        code = self._run(context)
        if code:
            notes.append(error(f'The external program "{self.program}" returned an error code: {code}'))
        if self.results is None:
            return Built({"Output": empty_table(())}, notes=notes)
        built = built_of(read(self.results, context.files.to_read, circumstances(context)))
        return replace(built, notes=[*notes, *built.notes])

    def messages(self, seen: Seen) -> Iterable[Say]:
        return read_messages(seen)

    def _write(self, table: Table, written: Written, context: Context) -> Say:
        path = context.files.to_write(written.name)
        kind = format_of(written.code, PureWindowsPath(written.name))
        rows = table.frame.collect()
        whole = Table(rows.lazy(), table.fields)
        writing = kind.write(whole, Target(path, written.name, written.part), written.options, circumstances(context))
        collected = writing.query.collect()
        if writing.finish is not None:
            writing.finish(collected)
        name = f"{written.name}{PART_MARK}{written.part}" if written.part else written.name
        return Say(Status.FILE_OUTPUT, f'{name}|{records_were(len(rows), "written")} to "{name}"')

    def _run(self, context: Context) -> int:
        """The exit code of the program, which runs without a terminal and whose output nobody reads."""
        # Where relative names are written, so that the program finds its rows and its results are found.
        folder = context.files.to_read(self.folder) if self.folder else context.files.to_write("here").parent
        command = [self._program(context), *shlex.split(self.arguments)]
        try:
            # What runs is the workflow's choice: only runs that may do anything come here.
            done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603 (the tool runs programs)
        except OSError as problem:
            raise ToolError(f'Unable to run the command "{self.program}": {problem.strerror}') from problem
        return done.returncode

    def _program(self, context: Context) -> str:
        found = shutil.which(self.program)
        if found is None:
            try:
                found = str(context.files.to_read(self.program))
            except GalleriaError:
                raise ToolError(f'Unable to run the command "{self.program}": there is no such program here.') from None
        return str(Path(found).resolve())
