"""RegEx: replaces, tokenizes, parses or tests a text with a regular expression."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, text_of
from galleria.fields.names import check_count, unique_name, unique_names
from galleria.fields.types import Field, FieldType, field_type, parse_size
from galleria.formula.regex import Pattern, compile_pattern
from galleria.messages import counted
from galleria.table.computing import Computing
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Say, Seen, Tool, error, info, warning

_PLACEHOLDER = "No Marked Groups Found"
_TEXT = Field("text", FieldType.V_WSTRING)


class Method(StrEnum):
    """The document's words; the window says Replace, Tokenize, Parse, Match."""

    REPLACE = "Replace"
    TOKENIZE = "ParseSimple"
    PARSE = "ParseComplex"
    MATCH = "Match"


class Extra(StrEnum):
    """What is said about tokens for which there is no column."""

    WARN = "Warn"
    ERROR = "Error"
    IGNORE = "Ignore"


@dataclass(frozen=True)
class RegEx(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.RegEx.RegEx",)

    field: str
    pattern: Pattern
    method: Method
    replacement: str
    copy_unmatched: bool
    """Replace: what lies between the matches stays; else only the replacements remain."""
    columns: int
    """Tokenize: 0 splits into rows."""
    root_name: str
    extra: Extra
    parsed: tuple[Field, ...]
    """Parse: a field for each marked group."""
    match_name: str
    error_unmatched: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        pattern = compile_pattern(config.value("RegExExpression"), ignore_case=config.flag("CaseInsensitve", default=True))
        method = Method(config.choice("Method", list(Method), Method.REPLACE))
        root_name = config.value("ParseSimple/RootName")
        if method is Method.TOKENIZE and pattern.groups > 1:
            raise ToolError(f"To tokenize, the regular expression may have one marked group at most, not {pattern.groups}.")
        check_count(config.whole("ParseSimple/NumFields", 1))
        return cls(
            field=config.value("Field"),
            pattern=pattern,
            method=method,
            replacement=config.child("Replace").attribute("expression"),
            copy_unmatched=config.flag("Replace/CopyUnmatched", default=True),
            columns=0 if config.flag("ParseSimple/SplitToRows") else config.whole("ParseSimple/NumFields", 1),
            root_name=root_name if root_name.strip() else "",
            extra=Extra(config.choice("ParseSimple/ErrorHandling", list(Extra), Extra.WARN)),
            parsed=_parsed_fields(config, pattern) if method is Method.PARSE else (),
            match_name=config.value("Match/Field") or f"{config.value('Field')}_Matched",
            error_unmatched=config.flag("Match/ErrorUnmatched"),
        )

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one()
        field = table.field(self.field)
        if field.type.is_binary:
            raise ToolError(f'The field "{field.name}" is a {field.type}: a regular expression reads texts and what can be written as one.')
        if self.method is Method.REPLACE:
            return self._replace(table, field, context)
        if self.method is Method.PARSE:
            return self._parse(table, field, context)
        if self.method is Method.MATCH:
            return self._match(table, field)
        return self._token_columns(table, field, context) if self.columns else self._token_rows(table, field, context)

    def messages(self, seen: Seen) -> Iterable[Say]:
        if "rows" not in seen.tallies:
            return
        matched, unmatched = seen.tallies["rows"].row(0)
        if self.method is Method.PARSE:
            verbs = ["was" if number == 1 else "were" for number in (matched, unmatched)]
            yield info(f"{counted(matched, 'record')} {verbs[0]} successfully parsed and {unmatched} {verbs[1]} not.")
        elif self.method is Method.MATCH and unmatched:
            yield error(f'{counted(unmatched, "record")} did not match the regular expression in "{self.field}".')
        elif self.method is Method.TOKENIZE and matched:
            text = f'{counted(matched, "record")} had more than {counted(self.columns, "token")} in "{self.field}".'
            yield error(text) if self.extra is Extra.ERROR else warning(text)

    def _replace(self, table: Table, field: Field, context: Context) -> Built:
        text = text_of(column(field.name), field)
        replaced = (self.pattern.replace if self.copy_unmatched else self.pattern.replacements)(text, self.replacement)
        computing = Computing(table.frame)
        computing.assign([(field, convert(replaced, _TEXT, field))])
        output, problems = _finished(computing, table, (), context)
        return Built({"Output": output}, problems=problems)

    def _parse(self, table: Table, field: Field, context: Context) -> Built:
        match = unique_name("match", table.names)
        computing = Computing(table.frame.with_columns(self.pattern.first_match(text_of(column(field.name), field)).alias(match)))
        names = unique_names([*table.names, *(one.name for one in self.parsed)])[len(table.fields) :]
        origin = f"RegEx: Parsed from {field.name}"
        new = [replace(one, name=name, source=origin, description=origin) for one, name in zip(self.parsed, names, strict=True)]
        parts = column(match).struct
        computing.assign((one, convert(parts.field(str(group)), _TEXT, one)) for group, one in enumerate(new, 1))
        output, problems = _finished(computing, table, new, context)
        found = parts.field("0").is_not_null()
        rows = computing.frame.select(matched=found.sum(), unmatched=(~found).sum())
        return Built({"Output": output}, tallies={"rows": rows}, problems=problems)

    def _match(self, table: Table, field: Field) -> Built:
        matched = self.pattern.whole(text_of(column(field.name), field)).fill_null(value=False)
        origin = f"RegEx: Parsed from {field.name}"
        new = Field(unique_name(self.match_name, table.names), FieldType.BOOL, source=origin, description=origin)
        output = table.with_columns({new.name: matched}, [*table.fields, new])
        if not self.error_unmatched:
            return Built({"Output": output})
        return Built({"Output": output}, tallies={"rows": table.frame.select(matched=matched.sum(), unmatched=(~matched).sum())})

    def _token_rows(self, table: Table, field: Field, context: Context) -> Built:
        tokens = self.pattern.tokens(text_of(column(field.name), field)).alias(field.name)
        frame = table.frame.with_columns(tokens).explode(pl.selectors.by_name(field.name), empty_as_null=False, keep_nulls=False)
        computing = Computing(frame)
        computing.assign([(field, convert(column(field.name), field if field.type.is_text else _TEXT, field))])
        made, problems = computing.finish(table.fields, context.problem_limit)
        return Built({"Output": Table(made, table.fields)}, problems=problems)

    def _token_columns(self, table: Table, field: Field, context: Context) -> Built:
        list_name = unique_name("tokens", table.names)
        frame = table.frame.with_columns(self.pattern.tokens(text_of(column(field.name), field)).alias(list_name))
        tokens = column(list_name)
        names = unique_names([*table.names, *(f"{self.root_name}{number}" for number in range(1, self.columns + 1))])[len(table.fields) :]
        origin = f"RegEx: Parsed from {field.name}"
        new = [replace(field, name=name, source=origin, description=origin) for name in names]
        computing = Computing(frame)
        kind = field if field.type.is_text else _TEXT
        computing.assign((one, convert(tokens.list.get(at, null_on_oob=True), kind, one)) for at, one in enumerate(new))
        output, problems = _finished(computing, table, new, context)
        if self.extra is Extra.IGNORE:
            return Built({"Output": output}, problems=problems)
        too_many = tokens.list.len() > self.columns
        rows = computing.frame.select(matched=too_many.sum(), unmatched=(~too_many).sum())
        return Built({"Output": output}, tallies={"rows": rows}, problems=problems)


def _finished(computing: Computing, table: Table, new: Sequence[Field], context: Context) -> tuple[Table, Mapping[str, pl.LazyFrame]]:
    """The table with the `new` fields, and what could not become one."""
    fields = [*table.fields, *new]
    frame, problems = computing.finish(fields, context.problem_limit)
    return table.same_rows(frame, fields), problems


def _parsed_fields(config: Configuration, pattern: Pattern) -> tuple[Field, ...]:
    entries = list(config.each("ParseComplex/Field"))
    if not pattern.groups or any(entry.attribute("field") == _PLACEHOLDER for entry in entries):
        raise ToolError("No Marked Groups Found")
    if len(entries) > pattern.groups:
        raise ToolError(f"{counted(len(entries), 'field')} should be parsed, but the regular expression has {pattern.groups} marked.")
    return tuple(_parsed_field(entry) for entry in entries)


def _parsed_field(entry: Configuration) -> Field:
    return Field(entry.attribute("field"), field_type(entry.attribute("type")), *parse_size(entry.attribute("size")))
