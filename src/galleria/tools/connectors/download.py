"""Download: one HTTP request for every row."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import ClassVar, Self

import polars as pl

from galleria.errors import GalleriaError, ToolError, UnsupportedError
from galleria.fields.names import unique_name
from galleria.fields.types import Field, FieldType
from galleria.formats.delimited.code_pages import encoding_of
from galleria.messages import Status
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Answer, Built, Context, Files, Inputs, Say, Tool, World, error, info
from galleria.tools.exchanges import Exchange, Exchanges

PLUGIN = "AlteryxConnectorGui.Download.Download"
_MOST_CONNECTIONS = 32
# The code pages whose text fits a narrow field; any other gives a wide one.
_NARROW = ("28591",)


class OutputMode(StrEnum):
    """Where an answer's content goes."""

    TEXT = "String"
    BLOB = "Blob"
    TEMPORARY_FILE = "TempFile"
    FILE = "SpecificFile"


@dataclass(frozen=True)
class Download(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    acts: ClassVar[bool] = True

    exchanges: Exchanges
    mode: OutputMode
    code_page: str
    file_name_field: str
    connections: int
    timeout_s: float

    @classmethod
    def read(cls, config: Configuration) -> Self:
        for option in ("EnableRPM", "DcmAdvancedAuth"):
            if config.flag(option):
                raise UnsupportedError(PLUGIN, f"the option {option}")
        mode = OutputMode(config.choice("OutputMode", list(OutputMode), OutputMode.TEXT))
        code_page = config.value("CodePage").strip() or "65001"
        encoding_of(code_page)
        connections = min(max(config.whole("numConnections", 2), 1), _MOST_CONNECTIONS)
        timeout_s = config.number("Timeout", 600) or 600
        return cls(Exchanges.read(config, PLUGIN), mode, code_page, config.value("OutputFileNameField"), connections, timeout_s)

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        self.exchanges.check(table)
        if self.mode is OutputMode.FILE:
            table.field(self.file_name_field)
        return Built({"Output": empty_table([*table.fields, *self._new_fields(table)])})

    def act(self, inputs: Inputs, context: Context, world: World) -> Built:
        table = inputs.one()
        rows = table.frame.collect()
        exchanges = self.exchanges.prepare(table, rows)
        started_s = time.monotonic()
        with ThreadPoolExecutor(self.connections) as pool:
            answers = list(pool.map(partial(self._exchange, world), exchanges))
        elapsed_s = time.monotonic() - started_s
        names = rows[table.field(self.file_name_field).name].to_list() if self.mode is OutputMode.FILE else [None] * len(rows)
        contents = [self._content(answer, name, context.files) for answer, name in zip(answers, names, strict=True)]
        new = self._new_fields(table)
        values: list[Sequence[str | bytes | None]] = [[_headers(answer) if isinstance(answer, Answer) else None for answer in answers]]
        if self.mode is not OutputMode.FILE:
            values.insert(0, contents)
        columns = [pl.Series(field.name, cells, field.dtype) for field, cells in zip(new, values, strict=True)]
        output = Table(rows.with_columns(columns).lazy(), (*table.fields, *new))
        return Built({"Output": output}, notes=self._notes(exchanges, answers, elapsed_s))

    def _exchange(self, world: World, exchange: Exchange) -> Answer | str:
        """The answer, or what went wrong."""
        if exchange.problem:
            return exchange.problem
        try:
            return world.request(
                exchange.method, exchange.url, headers=exchange.headers, content=exchange.content, timeout_s=self.timeout_s
            )
        except UnsupportedError:
            raise
        except GalleriaError as problem:
            return problem.message

    def _content(self, answer: Answer | str, name: str | None, files: Files) -> str | bytes | None:
        """What the row gets of an answer: text, bytes, the path of a file; Null where there is none."""
        if isinstance(answer, str):
            return None
        if self.mode is OutputMode.TEXT:
            return answer.content.decode(encoding_of(self.code_page), errors="replace").removeprefix("\ufeff")
        if self.mode is OutputMode.BLOB:
            return answer.content
        if self.mode is OutputMode.FILE and not name:
            raise ToolError(f'The field "{self.file_name_field}" must name a file in every record.')
        path = files.to_write(name) if name else files.temporary()
        path.write_bytes(answer.content)
        return str(path)

    def _new_fields(self, table: Table) -> list[Field]:
        narrow = self.code_page in _NARROW
        kinds = {
            OutputMode.TEXT: ("DownloadData", FieldType.V_STRING if narrow else FieldType.V_WSTRING, 0),
            OutputMode.BLOB: ("DownloadData", FieldType.BLOB, 0),
            OutputMode.TEMPORARY_FILE: ("DownloadTempFile", FieldType.V_WSTRING, 32767),
        }
        new: list[Field] = []
        if self.mode in kinds:
            name, kind, size = kinds[self.mode]
            new.append(Field(unique_name(name, table.names), kind, size, source="Download"))
        new.append(Field(unique_name("DownloadHeaders", table.names), FieldType.V_STRING, source="Download"))
        return new

    def _notes(self, exchanges: Sequence[Exchange], answers: Sequence[Answer | str], elapsed_s: float) -> list[Say]:
        places = dict.fromkeys((exchange.method, exchange.address) for exchange in exchanges if not exchange.problem)
        notes = [Say(Status.RESOURCE, f"action:{method} URL:{address}") for method, address in places]
        notes.extend(error(f"Error transferring data: {answer}") for answer in answers if isinstance(answer, str))
        done = sum(isinstance(answer, Answer) for answer in answers)
        if exchanges:
            active = min(self.connections, len(exchanges))
            rate = round(done * 60 / max(elapsed_s, 0.001))
            notes.append(info(f"Records transferred: {done}; active connections: {active}; average records per minute: {rate}"))
        return notes


def _headers(answer: Answer) -> str:
    lines = [f"{answer.http_version} {answer.status} {answer.reason}".rstrip(), *(f"{name}: {value}" for name, value in answer.headers)]
    return "\r\n".join(lines)
