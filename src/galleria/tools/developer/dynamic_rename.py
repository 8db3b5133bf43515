"""Dynamic Rename: new names for many fields at once, from an expression, from records or from another stream's fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column
from galleria.fields.conversion import convert, problem_query, text_of
from galleria.fields.names import unique_names
from galleria.fields.types import Field
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Tool, error, warning
from galleria.tools.expressions import compiled
from galleria.tools.field_facts import FACTS, field_facts

_UNKNOWN = "*Unknown"
_NAME_FACTS = {
    "_CurrentField_": "Name",
    "_CurrentFieldName_": "Name",
    "_CurrentFieldType_": "Type",
    "_CurrentFieldDescription_": "Description",
    "_CurrentFieldSource_": "Source",
}


class Mode(StrEnum):
    """The document's words."""

    FORMULA = "Formula"
    FIRST_ROW = "FirstRow"
    ROWS = "RightInputRows"
    METADATA = "RightInputMetadata"
    DESCRIPTIONS = "RightDescriptionRows"
    ADD = "Add"
    REMOVE = "Remove"


class OnError(StrEnum):
    """What is said about a field that gets no new name."""

    WARN = "Warn"
    ERROR = "Error"
    IGNORE = "Ignore"


_BLOCKS = {
    Mode.FIRST_ROW: "FirstRow",
    Mode.ROWS: "NamesFromRows",
    Mode.METADATA: "NamesFromMetadata",
    Mode.DESCRIPTIONS: "DescFromRows",
    Mode.ADD: "AddPrefixSuffix",
    Mode.REMOVE: "RemovePrefixSuffix",
}
"""The element that holds a mode's options."""


@dataclass(frozen=True)
class DynamicRename(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DynamicRename.DynamicRename",)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Targets", aliases=("Input", "Left")), Anchor("Source", optional=True, aliases=("Right",)))

    mode: Mode
    marks: Mapping[str, bool]
    """Which fields are renamed, by folded name; `*unknown` for those not named."""
    on_error: OnError
    expression: str
    by_position: bool
    """The nth record, not the one that names it, is for the nth field."""
    old_name: str
    new_name: str
    changes_types: bool
    is_suffix: bool
    text: str

    @classmethod
    def read(cls, config: Configuration) -> Self:
        mode = Mode(config.choice("RenameMode", list(Mode)))
        block = config.child(_BLOCKS.get(mode, "Formula"))
        return cls(
            mode=mode,
            marks={one.attribute("name").casefold(): one.attribute_flag("selected", default=True) for one in config.each("Fields/Field")},
            on_error=OnError(block.choice("OnError", list(OnError), OnError.WARN)),
            expression=config.value("Expression"),
            by_position=block.choice("InputMode", ["Mapped", "Positional"], "Mapped") == "Positional",
            old_name=block.value("OldName"),
            new_name=block.value("NewName"),
            changes_types=block.flag("ChangeFields"),
            is_suffix=block.choice("Type", ["Prefix", "Suffix"], "Prefix") == "Suffix",
            text=block.value("Text"),
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        table = inputs.one("Targets")
        if self.mode is Mode.FIRST_ROW:
            texts = [_text(field).alias(str(number)) for number, field in enumerate(self._chosen(table))]
            return {"first": table.frame.head(1).select(texts)} if texts else {}
        if self.mode not in (Mode.ROWS, Mode.DESCRIPTIONS):
            return {}
        source = inputs.one("Source")
        columns = {"new": _text(source.field(self.new_name))}
        if not self.by_position:
            columns["old"] = _text(source.field(self.old_name))
        return {"rows": source.frame.select(**columns)}

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one("Targets")
        chosen = self._chosen(table)
        if self.mode is Mode.METADATA and self.changes_types:
            return self._like_source(table, chosen, inputs.one("Source"), context)
        texts = self._texts(table, chosen, inputs, context)
        notes = self._complain(field.name for field in chosen if texts.get(field.name) is None) if texts else []
        if self.mode is Mode.DESCRIPTIONS:
            described = [replace(field, description=texts.get(field.name) or field.description) for field in table.fields]
            return Built({"Output": table.same_rows(table.frame, described)}, notes=notes)
        names, doubled = _unique([(field.name, texts.get(field.name)) for field in table.fields])
        if self.on_error is not OnError.IGNORE:
            notes.extend(warning(f'There were multiple fields named "{name}".  The duplicate was renamed.') for name in doubled)
        frame = table.frame.slice(1) if self.mode is Mode.FIRST_ROW else table.frame
        renamed = frame.select(column(field.name).alias(name) for field, name in zip(table.fields, names, strict=True))
        fields = tuple(field.renamed(name) for field, name in zip(table.fields, names, strict=True))
        output = Table(renamed, fields) if self.mode is Mode.FIRST_ROW else table.same_rows(renamed, fields)
        return Built({"Output": output}, notes=notes)

    def _chosen(self, table: Table) -> list[Field]:
        others = self.marks.get(_UNKNOWN.casefold(), not self.marks)
        return [field for field in table.fields if self.marks.get(field.name.casefold(), others)]

    def _texts(self, table: Table, chosen: Sequence[Field], inputs: Inputs, context: Context) -> dict[str, str | None]:
        """The new name (or description) of each chosen field by its old one; Null or absent where there is none."""
        names = [field.name for field in chosen]
        if self.mode is Mode.FORMULA:
            return dict(zip(names, self._evaluated(table, names, context), strict=True))
        if self.mode is Mode.FIRST_ROW:
            first = context.facts.get("first")
            return {} if first is None or not len(first) else {name: text or "" for name, text in zip(names, first.row(0), strict=True)}
        if self.mode is Mode.METADATA:
            return dict(zip(names, inputs.one("Source").names, strict=False))
        if self.mode in (Mode.ADD, Mode.REMOVE):
            return {name: self._affixed(name) for name in names}
        if "rows" not in context.facts:
            return {}
        rows = context.facts["rows"]
        if self.by_position:
            return dict(zip(names, rows["new"].to_list(), strict=False))
        by_old = {old.casefold(): new for old, new in zip(rows["old"], rows["new"], strict=True) if old is not None}
        return {name: by_old.get(name.casefold()) for name in names}

    def _evaluated(self, table: Table, names: Sequence[str], context: Context) -> list[str]:
        facts = {fact.name: fact for fact in FACTS}
        extra = {name: facts[fact] for name, fact in _NAME_FACTS.items()}
        name = compiled(self.expression, (), context, extra=extra)
        rows = field_facts([field for field in table.fields if field.name in set(names)])
        values = rows.with_columns(text=text_of(name.value, name.field))["text"]
        return [text or "" for text in values.to_list()]

    def _affixed(self, name: str) -> str | None:
        if self.mode is Mode.ADD:
            return name + self.text if self.is_suffix else self.text + name
        if self.is_suffix:
            has_it = name.casefold().endswith(self.text.casefold())
            return name[: len(name) - len(self.text)] if has_it else None
        return name[len(self.text) :] if name.casefold().startswith(self.text.casefold()) else None

    def _like_source(self, table: Table, chosen: Sequence[Field], source: Table, context: Context) -> Built:
        """Names and types of the source's fields, by position."""
        models = dict(zip((field.name for field in chosen), source.fields, strict=False))
        notes = self._complain(field.name for field in chosen if field.name not in models)
        names = unique_names(models[field.name].name if field.name in models else field.name for field in table.fields)
        values: list[pl.Expr] = []
        fields: list[Field] = []
        problems: dict[str, pl.LazyFrame] = {}
        for field, name in zip(table.fields, names, strict=True):
            model = models.get(field.name, field)
            target = replace(field, name=name, type=model.type, size=model.size, scale=model.scale)
            converted = convert(column(field.name), field, target)
            values.append(converted.value.alias(name))
            fields.append(target)
            if converted.problem is not None:
                problems[name] = problem_query(table.frame, converted.problem, context.problem_limit)
        return Built({"Output": table.same_rows(table.frame.select(values), fields)}, notes=notes, problems=problems)

    def _complain(self, names: Iterable[str]) -> list[Say]:
        say = {OnError.WARN: warning, OnError.ERROR: error}.get(self.on_error)
        return [] if say is None else [say(f'The field "{name}" has no new name.') for name in names]


def _unique(renamings: Sequence[tuple[str, str | None]]) -> tuple[list[str], list[str]]:
    """The fields' names from (old, new) pairs, and those that several fields would have had."""
    # An empty name becomes Field_<n>, counted behind the fields there are (two saved schemas).
    spare = f"Field_{len(renamings) + 1}"
    wanted = [old if new is None else new or spare for old, new in renamings]
    names = unique_names(wanted)
    return names, list(dict.fromkeys(old for old, new in zip(wanted, names, strict=True) if old != new))


def _text(field: Field) -> pl.Expr:
    if field.type.is_binary:
        raise ToolError(f'The field "{field.name}" cannot name a field.')
    return text_of(column(field.name), field)
