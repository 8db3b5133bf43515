"""Dynamic Input: reads a source for every record, made from a template and the record, and stacks them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import polars as pl

from galleria.connecting.address import is_connection
from galleria.errors import GalleriaError, ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.formats.reading import PART_MARK, Answered, Request, read, split_name
from galleria.messages import Status
from galleria.table.table import Table, empty_table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, warning
from galleria.tools.file_names import Change, changed_name, changed_part
from galleria.tools.files import circumstances, read_request, records_were, told
from galleria.tools.query_changes import Clause, clause_of, given

PLUGIN = "AlteryxBasePluginsGui.DynamicInput.DynamicInput"


@dataclass(frozen=True)
class DynamicInput(Tool):
    plugins: ClassVar[Sequence[str]] = (PLUGIN,)
    scans: ClassVar[bool] = True

    template: Request
    template_text: str
    """File and part as the document writes them."""
    list_field: str
    """Empty where texts of the template are replaced instead."""
    change: Change
    replacements: tuple[tuple[str, str], ...]
    """Text of the template, and the field whose value takes its place."""
    clauses: tuple[Clause, ...]
    """Parts of the template's query that are given values."""
    passed: tuple[str, ...]
    """Fields of the input that stand before those that are read."""
    failing: Status | None = Status.ERROR
    """How it is told that a source cannot be read; None says nothing."""

    @classmethod
    def read(cls, config: Configuration) -> Self:
        template = config.child("InputConfiguration/Configuration")
        modify = config.choice("Mode", ["ReadList", "ModifySQL"], "ReadList") == "ModifySQL"
        steps = list(config.each("Modifications/Modify")) if modify else []
        for step in steps:
            if step.attribute("Action") not in ("ReplaceString", "ReplaceStringEx", "PassField"):
                raise UnsupportedError(PLUGIN, f"the modification {step.attribute('Action')}")
        replaced = [(step.value("ReplaceText"), step.value("Field")) for step in steps if step.attribute("Action") == "ReplaceString"]
        clauses = tuple(clause_of(step) for step in steps if step.attribute("Action") == "ReplaceStringEx")
        if any(one.most for one in clauses) and len(steps) > 1:
            raise UnsupportedError(PLUGIN, "lists of values (GroupForIn) beside another modification")
        return cls(
            read_request(template),
            template.child("File").text.strip(),
            "" if modify else config.value("ReadList_Field"),
            Change(config.choice("ReadList_Type", list(Change), Change.PATH)),
            tuple((text, field) for text, field in replaced if text),
            clauses,
            tuple(step.value("Field") for step in steps if step.attribute("Action") == "PassField"),
            _failing(config.value("ErrorBehaviour")),
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        table = inputs.one()
        names = [self.list_field, *(field for _, field in self.replacements), *(clause.field for clause in self.clauses)]
        used = [table.field(name) for name in names if name]
        texts = {f"text of {field.name}": text_of(column(field.name), field) for field in used}
        kept = columns(table.field(name).name for name in self.passed)
        # All columns for none: the number of records matters even so.
        return {"rows": table.frame.select(*kept, **texts) if kept or texts else table.frame}

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        passed = [table.field(name) for name in self.passed]
        if "rows" not in context.facts or not len(context.facts["rows"]):
            return Built({"Output": empty_table(self._template_fields(passed, context))})
        stack = _Stack(passed)
        for text, row in self._sources(table, context.facts["rows"]):
            name, part = split_name(text)
            request = replace(self.template, name=name, part=part)
            try:
                answered = read(request, context.files.to_read, circumstances(context))
            except UnsupportedError:
                raise
            except GalleriaError as problem:
                stack.notes += [Say(self.failing, problem.message)] if self.failing else []
                continue
            stack.add(answered, _whole_name(request), [row[field.name] for field in passed])
        if not stack.frames:
            output = empty_table(self._template_fields(passed, context))
        else:
            output = Table(pl.concat(stack.frames), tuple(stack.fields))
        return Built({"Output": output}, tallies=stack.tallies, counts=stack.counts, notes=stack.notes)

    def messages(self, seen: Seen) -> Iterable[Say]:
        troubles = dict(seen.tallies)
        for key, count in seen.counts.items():
            number, _, file = key.partition(" ")
            if number in troubles:
                yield from told(troubles.pop(number))
            yield Say(Status.FILE_INPUT, f'{file}|{records_were(count, "read")} from "{file}"')

    def _sources(self, table: Table, rows: pl.DataFrame) -> Iterable[tuple[str, Mapping[str, object]]]:
        """File and part of each source, and the record that asks for it."""
        if self.clauses and self.clauses[0].most:
            yield from self._lists(self.clauses[0], rows[f"text of {table.field(self.clauses[0].field).name}"])
            return
        for row in rows.iter_rows(named=True):
            yield self._text(table, row), row

    def _lists(self, clause: Clause, values: pl.Series) -> Iterable[tuple[str, Mapping[str, object]]]:
        """The template about so many values at a time, each asked for once; a Null asks for nothing."""
        known = values.drop_nulls().unique(maintain_order=True).to_list()
        for start in range(0, len(known), clause.most):
            yield self._given(self.template_text, {clause: known[start : start + clause.most]}), {}

    def _given(self, text: str, values: Mapping[Clause, Sequence[str]]) -> str:
        return given(text, values, escapes=is_connection(self.template.name)) if values else text

    def _text(self, table: Table, row: Mapping[str, object]) -> str:
        """The template as a record changes it."""
        if self.list_field:
            return self._changed(_value(row, table.field(self.list_field)))
        text = self.template_text
        for old, field in self.replacements:
            text = text.replace(old, _value(row, table.field(field)))
        return self._given(text, {clause: [_value(row, table.field(clause.field))] for clause in self.clauses})

    def _changed(self, value: str) -> str:
        name, part = self.template.name, self.template.part
        if self.change is Change.PATH or not part:
            return changed_name(name, self.change, value)
        quoted = part.startswith("`") and part.endswith("`")
        return f"{name}{PART_MARK}{changed_part(part.strip('`').rstrip('$') if quoted else part, self.change, value)}"

    def _template_fields(self, passed: Sequence[Field], context: Context) -> Sequence[Field]:
        """What the template's own source holds; the document's saved fields where it cannot be read."""
        try:
            found = read(self.template, context.files.to_read, circumstances(context)).table.fields
        except GalleriaError:
            saved = context.saved_fields.get("Output")
            if not saved:
                raise
            return saved
        return _named(passed, found)


class _Stack:
    """Sources on top of each other; the first says what the fields are."""

    def __init__(self, passed: Sequence[Field]) -> None:
        self.passed = passed
        self.fields: list[Field] = []
        self.frames: list[pl.LazyFrame] = []
        self.tallies: dict[str, pl.LazyFrame] = {}
        """What went wrong, by the number of the source."""
        self.counts: dict[str, Table] = {}
        """Files by the number of the source and their name."""
        self.notes: list[Say] = []

    def add(self, answered: Answered, name: str, values: Sequence[object]) -> None:
        """Put what was read below the rest, or say that it does not fit."""
        fields = _named(self.passed, answered.table.fields)
        if self.frames and _layout(fields) != _layout(self.fields):
            self.notes.append(warning(f'The file "{name}" has a different schema than the 1st file in the set and will be skipped'))
            return
        self.fields = [replace(one, size=max(one.size, other.size)) for one, other in zip(self.fields or fields, fields, strict=True)]
        given = [pl.lit(value, field.dtype).alias(field.name) for field, value in zip(self.passed, values, strict=True)]
        found = zip(answered.table.fields, self.fields[len(given) :], strict=True)
        # Counted and passed on: read once.
        frame = answered.table.frame.cache()
        self.frames.append(frame.select(*given, *(column(old.name).alias(new.name) for old, new in found)))
        self._tally(answered, frame, len(self.frames))

    def _tally(self, answered: Answered, frame: pl.LazyFrame, number: int) -> None:
        self.notes.extend(Say(status, text) for status, text in answered.notes)
        if answered.trouble is not None:
            self.tallies[str(number)] = answered.trouble
        for file in answered.files:
            is_all = file.table.rows is answered.table.rows
            self.counts[f"{number} {file.name}"] = replace(file.table, frame=frame) if is_all else file.table


def _named(passed: Sequence[Field], found: Sequence[Field]) -> list[Field]:
    names = unique_names([*(field.name for field in passed), *(field.name for field in found)])
    return [field.renamed(name) for field, name in zip([*passed, *found], names, strict=True)]


def _layout(fields: Sequence[Field]) -> list[tuple[str, str]]:
    return [(field.name.casefold(), field.type) for field in fields]


def _failing(text: str) -> Status | None:
    """What documents call the two other choices is unverified."""
    for start, status in (("err", Status.ERROR), ("warn", Status.WARNING), ("ignore", None)):
        if (text.strip().casefold() or "error").startswith(start):
            return status
    raise UnsupportedError(PLUGIN, f'the error behaviour "{text}"')


def _value(row: Mapping[str, object], field: Field) -> str:
    value = row[f"text of {field.name}"]
    if value is None:
        raise ToolError(f'The field "{field.name}" must name a source in every record.')
    return str(value)


def _whole_name(request: Request) -> str:
    return f"{request.name}{PART_MARK}{request.part}" if request.part else request.name
