"""Finds texts of one stream in a field of another, and replaces them or appends what stands beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import convert, text_of
from galleria.fields.names import unique_name
from galleria.fields.types import V_WSTRING_MAX, Field, FieldType
from galleria.table.computing import Computing
from galleria.table.lookup import Needles, Search
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Anchor, Built, Context, Inputs, Tool

_SEARCHES = {"FindAny": Search.ANYWHERE, "FindWhole": Search.WHOLE, "FindBegin": Search.BEGINNING}
_FIND, _REPLACE = "find", "replace"
# No field is called so: a document cannot hold this character.
_KEY, _REPLACEMENT = "\0key", "\0replacement"


@dataclass(frozen=True)
class FindReplace(Tool):
    plugins: ClassVar = ("AlteryxBasePluginsGui.FindReplace.FindReplace",)
    inputs: ClassVar = (Anchor("Targets"), Anchor("Source"))

    within: str
    """The field of the targets that is searched."""
    find: str
    """The field of the source with what is looked for."""
    replacement: str
    """The field of the source with what to put in its place."""
    appended: tuple[str, ...] | None
    """Fields of the source to append; None to replace."""
    how: Needles
    """With no texts yet."""
    only_first: bool

    @classmethod
    def read(cls, config: Configuration) -> "FindReplace":
        search = _SEARCHES[config.choice("FindMode", list(_SEARCHES), "FindAny")]
        appends = config.choice("ReplaceMode", ("Replace", "Append"), "Replace") == "Append"
        return cls(
            config.value("FieldFind"),
            config.value("FieldSearch"),
            config.value("ReplaceFoundField"),
            config.field_names("ReplaceAppendFields") if appends else None,
            Needles(frozenset(), search, ignores_case=config.flag("NoCase"), whole_words=config.flag("MatchWholeWord")),
            only_first=not config.flag("ReplaceMultipleFound", default=True),
        )

    def facts(self, inputs: Inputs, context: Context) -> Mapping[str, pl.LazyFrame]:
        """What is looked for within texts: it must be known to make the search. Whole texts are joined."""
        if context.checking or self.how.search is Search.WHOLE:
            return {}
        return {"pairs": _pairs(inputs.one("Source"), self.find, None if self.appended is not None else self.replacement, self.how)}

    def build(self, inputs: Inputs, context: Context) -> Built:
        """The targets' rows in their order. Of several source rows with the same text the last counts."""
        targets, source = inputs.one("Targets"), inputs.one("Source")
        within = targets.field(self.within)
        if not within.type.is_text:
            raise ToolError(f'Only texts can be searched, but the field "{within.name}" is a {within.type}.')
        pairs = context.facts.get("pairs")
        needles = self.how if pairs is None else replace(self.how, texts=frozenset(pairs[_FIND]))
        if self.appended is not None:
            return self._append(targets, source, [source.field(name) for name in self.appended], needles)
        source.field(self.replacement)
        if self.how.search is Search.ANYWHERE:
            mapping: dict[str, str] = {} if pairs is None else dict(zip(pairs[_FIND], pairs[_REPLACE].fill_null(""), strict=True))
            value = needles.replaced(column(within.name), mapping, only_first=self.only_first)
            return _changed(targets, targets.frame, within, value, context)
        looked_up = _pairs(source, self.find, self.replacement, self.how).rename({_FIND: _KEY, _REPLACE: _REPLACEMENT})
        return _changed(targets, _joined(targets.frame, within, looked_up, needles), within, self._put_in_place(within), context)

    def _put_in_place(self, within: Field) -> pl.Expr:
        text = column(within.name)
        rest = pl.lit("") if self.how.search is Search.WHOLE else text.str.slice(pl.col(_KEY).str.len_chars())
        # A key without a replacement is one that was not found: replacements are never Null.
        return pl.when(pl.col(_REPLACEMENT).is_null()).then(text).otherwise(pl.col(_REPLACEMENT) + rest)

    def _append(self, targets: Table, source: Table, fields: Sequence[Field], needles: Needles) -> Built:
        names: list[str] = []
        for field in fields:
            names.append(unique_name(field.name, [*targets.names, *names]))
        key = needles.fold(_text(source.field(self.find))).alias(_KEY)
        taken = [column(field.name).alias(f"\0{name}") for field, name in zip(fields, names, strict=True)]
        looked_up = source.frame.select(key, *taken).drop_nulls(_KEY).unique(_KEY, keep="last")
        frame = _joined(targets.frame, targets.field(self.within), looked_up, needles)
        added = [field.renamed(name) for field, name in zip(fields, names, strict=True)]
        laid_out = frame.select(*columns(targets.names), *(pl.col(f"\0{name}").alias(name) for name in names))
        return Built({"Output": targets.same_rows(laid_out, (*targets.fields, *added))})


def _text(field: Field) -> pl.Expr:
    if field.type.is_binary:
        raise ToolError(f'The field "{field.name}" is a {field.type}: texts are found and replaced, and what can be written as one.')
    return text_of(column(field.name), field)


def _pairs(source: Table, find: str, replacement: str | None, how: Needles) -> pl.LazyFrame:
    """What is looked for, folded and each once, and what to put in its place."""
    texts = [how.fold(_text(source.field(find))).alias(_FIND)]
    if replacement is not None:
        texts.append(_text(source.field(replacement)).fill_null("").alias(_REPLACE))
    return source.frame.select(texts).drop_nulls(_FIND).unique(_FIND, keep="last", maintain_order=True)


def _joined(targets: pl.LazyFrame, within: Field, looked_up: pl.LazyFrame, needles: Needles) -> pl.LazyFrame:
    """The targets, in their order, with the found key and what `looked_up` has beside it."""
    keyed = targets.with_columns(needles.found(column(within.name)).alias(_KEY))
    return keyed.join(looked_up, on=_KEY, how="left", maintain_order="left")


def _changed(targets: Table, frame: pl.LazyFrame, within: Field, value: pl.Expr, context: Context) -> Built:
    """The targets with their searched field set, cut to its size."""
    uncut = Field(within.name, FieldType.V_WSTRING, V_WSTRING_MAX)
    computing = Computing(frame)
    computing.assign([(within, convert(value, uncut, within))])
    laid_out, problems = computing.finish(targets.fields, context.problem_limit)
    return Built({"Output": targets.same_rows(laid_out, targets.fields)}, problems=problems)
