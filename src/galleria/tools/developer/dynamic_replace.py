"""Dynamic Replace: new values for many fields, by rules that another stream brings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Self

import polars as pl

from galleria.fields.columns import column
from galleria.fields.conversion import Converted, convert, problem_query, text_of
from galleria.fields.promotion import promote
from galleria.fields.types import Field, FieldType, field_type
from galleria.formula.compile import assign
from galleria.messages import counted
from galleria.table.inference import infer, texts_of
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Say, Seen, Tool, error, warning
from galleria.tools.expressions import compiled, compiled_condition

_SOURCE = "DynamicReplace:"
_COUNTS = (
    Field("FieldName", FieldType.STRING, source=_SOURCE),
    Field("OutputValue", FieldType.STRING, source=_SOURCE),
    Field("Count", FieldType.INT64, source=f"{_SOURCE} Count"),
)


class Unmatched(StrEnum):
    """What is said about records for which no rule holds."""

    ALLOW = "Allow"
    WARN = "Warn"
    ERROR = "Error"


@dataclass(frozen=True)
class Rule:
    field: str
    expression: str
    value: str | None


@dataclass(frozen=True)
class DynamicReplace(Tool):
    plugins: ClassVar[Sequence[str]] = ("AlteryxBasePluginsGui.DynamicReplace.DynamicReplace",)
    inputs: ClassVar[Sequence[Anchor]] = (Anchor("Input"), Anchor("Expressions"))
    outputs: ClassVar[Sequence[str]] = ("Output", "Counts")

    name_field: str
    expression_field: str
    value_field: str
    computes: bool
    """The value is an expression."""
    unmatched: Unmatched
    type: Field | None
    """The type of every changed field; None keeps each field's own or, with `fits`, lets the values decide."""
    fits: bool

    @classmethod
    def read(cls, config: Configuration) -> Self:
        mode = config.value("FieldTypeMode") or "Autofield"
        kept = mode.casefold() in ("keep", "autofield")
        wanted = config.child("OutputFieldType")
        kind = None if kept else field_type(wanted.attribute("type"))
        return cls(
            config.value("Field_FieldName"),
            config.value("Field_Expression"),
            config.value("Field_OutputValue"),
            config.flag("ValueIsExpression"),
            Unmatched(config.choice("Unmatched_Behavior", list(Unmatched), Unmatched.WARN)),
            None if kind is None else Field("", kind, wanted.attribute_whole("size"), _scale(kind, wanted)),
            mode.casefold() == "autofield",
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        rules = inputs.one("Expressions")
        names = {"field": self.name_field, "expression": self.expression_field, "value": self.value_field}
        return {
            "rules": rules.frame.select(**{new: text_of(column(rules.field(name).name), rules.field(name)) for new, name in names.items()})
        }

    def build(self, inputs: Inputs, context: Context) -> Built:
        table = inputs.one("Input")
        rows = context.facts["rules"].iter_rows() if "rules" in context.facts else ()
        by_field: dict[str, list[Rule]] = {}
        for name, expression, value in rows:
            field = table.field(name or "")
            by_field.setdefault(field.name, []).append(Rule(field.name, expression or "", value))
        fields: list[Field] = []
        values: dict[str, pl.Expr] = {}
        problems: dict[str, pl.LazyFrame] = {}
        chosen: dict[str, pl.Expr] = {}
        for field in table.fields:
            rules = by_field.get(field.name)
            fields.append(field if rules is None else self._target(field, rules, table, context))
            if rules is not None:
                chosen[field.name] = self._chosen(field, rules, table, context)
                made = self._value(field, rules, chosen[field.name], fields[-1], table, context)
                values[field.name] = made.value
                if made.problem is not None:
                    problems[field.name] = problem_query(table.frame, made.problem, context.problem_limit)
        rules = [rule for one in by_field.values() for rule in one]
        counts = _counts(table, rules, by_field, chosen)
        unmatched = table.frame.select(**{name: number.is_null().sum() for name, number in chosen.items()})
        tallies = {"unmatched": unmatched} if chosen and self.unmatched is not Unmatched.ALLOW else {}
        return Built({"Output": table.with_columns(values, fields), "Counts": counts}, tallies=tallies, problems=problems)

    def messages(self, seen: Seen) -> Iterable[Say]:
        if "unmatched" not in seen.tallies:
            return
        say = error if self.unmatched is Unmatched.ERROR else warning
        for name, number in seen.tallies["unmatched"].row(0, named=True).items():
            if number:
                yield say(f'No expression was true for {counted(number, "record")} in the field "{name}".')

    def _chosen(self, field: Field, rules: Sequence[Rule], table: Table, context: Context) -> pl.Expr:
        """The position of the first rule that holds for a record; Null where none does."""
        numbers: list[pl.Expr] = []
        for at, rule in enumerate(rules):
            holds = compiled_condition(rule.expression, table.fields, context, extra={"_CurrentField_": field}).value
            numbers.append(pl.when(holds).then(pl.lit(at, pl.Int32())))
        return pl.coalesce(numbers)

    def _value(self, field: Field, rules: Sequence[Rule], number: pl.Expr, target: Field, table: Table, context: Context) -> Converted:
        values: list[pl.Expr] = []
        problems: list[pl.Expr] = []
        for at, rule in enumerate(rules):
            made = self._rule_value(rule, field, target, table, context)
            values.append(pl.when(number == at).then(made.value))
            if made.problem is not None:
                problems.append(pl.when(number == at).then(made.problem))
        return Converted(pl.coalesce(values), pl.coalesce(problems) if problems else None)

    def _rule_value(self, rule: Rule, field: Field, target: Field, table: Table, context: Context) -> Converted:
        if not self.computes:
            return convert(pl.lit(rule.value, pl.String()), Field("", FieldType.V_WSTRING), target)
        return assign(compiled(rule.value or "Null()", table.fields, context, extra={"_CurrentField_": field}), target)

    def _target(self, field: Field, rules: Sequence[Rule], table: Table, context: Context) -> Field:
        """The field as its new values make it."""
        if self.type is not None:
            return replace(self.type, name=field.name, source=_SOURCE)
        if not self.fits:
            return replace(field, source=_SOURCE)
        if not self.computes:
            texts = pl.DataFrame({field.name: [rule.value for rule in rules]}, schema={field.name: pl.String()})
            return infer(field.name, texts_of(texts)[field.name], source=_SOURCE)
        extra = {"_CurrentField_": field}
        kinds = [compiled(rule.value or "Null()", table.fields, context, extra=extra).field for rule in rules]
        return replace(promote(kinds), name=field.name, source=_SOURCE)


def _counts(table: Table, rules: Sequence[Rule], by_field: Mapping[str, Sequence[Rule]], chosen: Mapping[str, pl.Expr]) -> Table:
    """A row for every rule: its field, its value, and the records for which it was the first to hold."""
    names = [rule.field for rule in rules]
    values = [rule.value for rule in rules]
    widths = [max((len(text) for text in texts if text), default=1) for texts in (names, values)]
    fields = [replace(_COUNTS[0], size=widths[0]), replace(_COUNTS[1], size=widths[1]), _COUNTS[2]]
    if not rules:
        return Table(pl.LazyFrame(schema={field.name: field.dtype for field in fields}), tuple(fields))
    sums = [(chosen[name] == at).sum().cast(pl.Int64) for name, some in by_field.items() for at in range(len(some))]
    numbers = table.frame.select(Count=pl.concat_list([one.alias(str(at)) for at, one in enumerate(sums)])).explode("Count")
    texts = pl.LazyFrame({"FieldName": names, "OutputValue": values}, schema={"FieldName": pl.String(), "OutputValue": pl.String()})
    return Table(pl.concat([texts, numbers], how="horizontal"), tuple(fields))


def _scale(kind: FieldType, wanted: Configuration) -> int:
    return wanted.attribute_whole("scale") if kind is FieldType.FIXED_DECIMAL else 0
