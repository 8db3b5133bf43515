"""Output Data: writes its rows to a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import ClassVar, Self

from galleria.errors import ToolError, UnsupportedError
from galleria.formats.catalogue import format_of
from galleria.formats.format import Target
from galleria.formats.options import Options
from galleria.formats.reading import refuse_connections, split_name
from galleria.messages import Status
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Sink, Tool
from galleria.tools.files import circumstances, format_code, records_were, told


@dataclass(frozen=True)
class OutputData(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DbFileOutput.DbFileOutput",)
    outputs: ClassVar[Sequence[str]] = ()

    name: str
    """The file, without what follows `|||`."""
    part: str
    code: int | None
    options: Options
    is_disabled: bool = False

    @classmethod
    def read(cls, config: Configuration) -> Self:
        file = config.child("File")
        name, part = split_name(file.text)
        code = format_code(config)
        refuse_connections(name, code)
        if not name:
            raise ToolError("No file is named to write to.")
        if config.flag("MultiFile"):
            raise UnsupportedError(cls.plugins[0], "taking the file or table name from a field is not supported")
        if file.attribute_whole("MaxRecords"):
            raise UnsupportedError(cls.plugins[0], "a maximum of records per file is not supported")
        return cls(name, part, code, Options.of(config.child("FormatSpecificOptions").element), config.flag("Disable"))

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        kind = format_of(self.code, PureWindowsPath(self.name))
        if self.is_disabled:
            return Built()
        path = context.files.to_write(self.name)
        writing = kind.write(table, Target(path, self.name, self.part), self.options, circumstances(context))
        tallies = {} if writing.trouble is None else {"trouble": writing.trouble}
        notes = [Say(status, text) for status, text in writing.notes]
        return Built(sinks=[Sink(writing.query, writing.finish, path)], tallies=tallies, notes=notes)

    def messages(self, seen: Seen) -> Iterable[Say]:
        if "trouble" in seen.tallies:
            yield from told(seen.tallies["trouble"])
        if not self.is_disabled:
            whole = f"{self.name}|||{self.part}" if self.part else self.name
            yield Say(Status.FILE_OUTPUT, f'{whole}|{records_were(seen.records_in["Input"], "written")} to "{whole}"')
