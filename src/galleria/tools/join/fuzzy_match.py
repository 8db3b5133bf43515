"""Finds pairs of records that mean the same: those whose keys sound or read alike, and whose fields are alike enough."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from galleria.errors import ToolError, UnsupportedError
from galleria.fields.columns import column, columns
from galleria.fields.conversion import text_of
from galleria.fields.names import same_name, unique_name
from galleria.fields.types import Field, FieldType
from galleria.formula.by_row import by_row, by_value
from galleria.formula.functions.phonetic import soundex
from galleria.formula.regex import Pattern, compile_pattern
from galleria.table.likeness import jaro_likeness, levenshtein_likeness
from galleria.table.phonetics import double_metaphone
from galleria.table.table import Table
from galleria.tools.configuration import Configuration
from galleria.tools.contract import Built, Context, Inputs, Tool

PLUGIN = "AlteryxBasePluginsGui.FuzzyMatch.FuzzyMatch"
_ROW, _KEY, _WORD, _SOURCE = "\0row", "\0key", "\0word", "\0source"
_SECOND = "\0second"
"""Ends the names of what belongs to the second record of a pair."""


def _digits(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("[^0-9]", "")


_KEYS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "DblMetaphone": lambda text: by_value(double_metaphone, pl.String(), text),
    "DblMetaphoneDigits": lambda text: by_value(double_metaphone, pl.String(), text) + _digits(text),
    "Soundex": soundex,
    "SoundexDigits": lambda text: soundex(text) + _digits(text),
    "Digits": _digits,
    "DigitsReverse": lambda text: _digits(text).str.reverse(),
    "WholeField": lambda text: text,
}
_NONE = "None"

_SCORES: Mapping[str, Callable[[str, str], float]] = {
    "Jaro": jaro_likeness,
    "Levenshtein": levenshtein_likeness,
    "BestOf": lambda left, right: max(jaro_likeness(left, right), levenshtein_likeness(left, right)),
}


@dataclass(frozen=True)
class Style:
    """How one field is compared."""

    field: str
    cleaning: tuple[tuple[Pattern, str], ...]
    """What is replaced by what beforehand."""
    key: str
    """None: every record may match every other as far as this field goes."""
    by_word: bool
    ignored: tuple[str, ...]
    """Words without a key, in capitals."""
    ignores_letters: bool
    """Words of one letter have no key."""
    ignores_empty: bool
    """Without it, empty fields have an empty key and match each other."""
    key_length: int
    """0 for any."""
    score: str
    """None: equal keys are enough."""
    threshold: float
    weight: float


@dataclass(frozen=True)
class FuzzyMatch(Tool):
    plugins: ClassVar = (PLUGIN,)

    record_id: str
    source_id: str
    """Pairs are of different sources; empty: of any."""
    threshold: float
    has_score: bool
    has_unmatched: bool
    has_key: bool
    """Each pair says which key it has in common; the least of several."""
    keys_alone: bool
    """No pairs are looked for: every record is given with each of its keys."""
    styles: tuple[Style, ...]

    @classmethod
    def read(cls, config: Configuration) -> "FuzzyMatch":
        if config.flag("OutputMakeGroup"):
            raise UnsupportedError(PLUGIN, "giving groups (OutputMakeGroup): a Make Group tool behind this one makes them of its pairs")
        record_id, source_id = config.value("RecordIdField"), config.value("SourceIdField") if config.flag("MergeMode") else ""
        if not record_id:
            raise ToolError("A field that identifies the records must be selected.")
        if config.flag("MergeMode") and not source_id:
            raise ToolError("A field that identifies the source must be selected.")
        styles = tuple(_style(one) for one in config.each("MatchFields/MatchField"))
        if all(style.key == _NONE for style in styles):
            raise ToolError("At least one field must be selected that generates keys.")
        flags = config.flag("OutputScore"), config.flag("OutputUnmatched"), config.flag("OutputKey"), config.flag("GenerateKeys")
        return cls(record_id, source_id, config.number("MatchThreshold", 80), *flags, styles)

    def build(self, inputs: Inputs, context: Context) -> Built:
        """Each pair once, the record that came first before the other, in the order of both; then those without a partner."""
        table = inputs.one()
        first = table.field(self.record_id)
        second = replace(first, name=unique_name(f"{first.name}2", [first.name]))
        score = Field(unique_name("MatchScore", [first.name, second.name]), FieldType.DOUBLE)
        key = Field(unique_name("MatchKey", [first.name, second.name]), FieldType.V_WSTRING)
        rows = self._prepared(table, first).cache()
        if self.keys_alone:
            keyed = self._keyed(rows).join(rows, on=_ROW).sort(_ROW, _KEY)
            return Built({"Output": Table(keyed.select(pl.col("\0id").alias(first.name), _shown().alias(key.name)), (first, key))})
        pairs = self._pairs(rows)
        scores = [self._score(at, style) for at, style in enumerate(self.styles)]
        weights = sum(style.weight for style in self.styles) or 1.0
        whole = pl.sum_horizontal(one * style.weight for one, style in zip(scores, self.styles, strict=True)) / weights
        alike = pl.all_horizontal(one >= style.threshold for one, style in zip(scores, self.styles, strict=True))
        matched = pairs.filter(alike & (whole >= self.threshold)).sort(_ROW, f"{_ROW}{_SECOND}").cache()
        ids = [pl.col("\0id").alias(first.name), pl.col(f"\0id{_SECOND}").alias(second.name), whole.alias(score.name)]
        frames = [matched.select(*ids, _shown().alias(key.name))]
        if self.has_unmatched:
            partners = pl.concat([matched.select(_ROW), matched.select(pl.col(f"{_ROW}{_SECOND}").alias(_ROW))])
            alone = rows.join(partners, on=_ROW, how="anti").sort(_ROW)
            nothing = [pl.lit(None, field.dtype).alias(field.name) for field in (second, score, key)]
            frames.append(alone.select(pl.col("\0id").alias(first.name), *nothing))
        fields = (first, second, *([score] if self.has_score else []), *([key] if self.has_key else []))
        frame = pl.concat(frames).select(columns(field.name for field in fields))
        return Built({"Output": Table(frame, fields)})

    def _prepared(self, table: Table, record_id: Field) -> pl.LazyFrame:
        """A row a record: its place, id, source, and the cleaned text of each field in capitals."""
        texts = [_cleaned(table.field(style.field), style).alias(_text(at)) for at, style in enumerate(self.styles)]
        source = column(table.field(self.source_id).name) if self.source_id else pl.lit(None, pl.Int8)
        chosen = table.frame.select(column(record_id.name).alias("\0id"), source.alias(_SOURCE), *texts)
        return chosen.with_row_index(_ROW)

    def _keyed(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Every record with each of its keys, once; a key is that of every field, each after a NUL."""
        keys = rows.select(_ROW, pl.lit("").alias(_KEY))
        for at, style in enumerate(self.styles):
            if style.key != _NONE:
                made = _keys(rows.select(_ROW, pl.col(_text(at)).alias(_WORD)), style)
                keys = keys.join(made, on=_ROW).select(_ROW, pl.concat_str(_KEY, pl.lit("\0"), _WORD).alias(_KEY))
        return keys.unique()

    def _pairs(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """What each two records with a key in common hold, once, and the least such key."""
        keys = self._keyed(rows).cache()
        met = keys.join(keys, on=_KEY, suffix=_SECOND).filter(pl.col(_ROW) < pl.col(f"{_ROW}{_SECOND}"))
        both = met.group_by(_ROW, f"{_ROW}{_SECOND}").agg(pl.col(_KEY).min())
        seconds = rows.rename(lambda name: f"{name}{_SECOND}")
        pairs = both.join(rows, on=_ROW).join(seconds, on=f"{_ROW}{_SECOND}")
        return pairs.filter(pl.col(_SOURCE).ne_missing(pl.col(f"{_SOURCE}{_SECOND}"))) if self.source_id else pairs

    def _score(self, at: int, style: Style) -> pl.Expr:
        """From 0 to 100; an empty field is like nothing."""
        if style.score == _NONE:
            return pl.lit(100.0)
        texts = [pl.col(_text(at)), pl.col(f"{_text(at)}{_SECOND}")]
        return (by_row(_SCORES[style.score], pl.Float64(), texts) * 100).fill_null(0.0)


def _shown() -> pl.Expr:
    return pl.col(_KEY).str.slice(1).str.replace_all("\0", "|", literal=True)


def _text(at: int) -> str:
    return f"\0text {at}"


def _cleaned(field: Field, style: Style) -> pl.Expr:
    """Null for nothing."""
    text = text_of(column(field.name), field)
    for pattern, replacement in style.cleaning:
        text = pattern.replace(text, replacement)
    text = text.str.to_uppercase().str.strip_chars()
    return pl.when(text != "").then(text)


def _keys(texts: pl.LazyFrame, style: Style) -> pl.LazyFrame:
    """The keys of each record: of its text, or of every word in it."""
    word = pl.col(_WORD)
    known = texts.filter(word.is_not_null())
    if style.by_word:
        known = known.with_columns(word.str.extract_all(r"\S+")).explode(_WORD)
    if style.ignored:
        known = known.filter(~word.is_in(style.ignored))
    if style.ignores_letters:
        known = known.filter(word.str.len_chars() > 1)
    key = _KEYS[style.key](word)
    made = known.with_columns(key.str.slice(0, style.key_length) if style.key_length else key).filter(word != "")
    if style.ignores_empty:
        return made.unique()
    return pl.concat([made, texts.filter(word.is_null()).with_columns(pl.lit("").alias(_WORD))]).unique()


def _style(config: Configuration) -> Style:
    style, name = config.child("Style"), config.child("Style").attribute("Name")
    keys, match = style.find("KeyGeneration"), style.find("Match")
    if keys is None or match is None:
        raise UnsupportedError(PLUGIN, f'the match style "{name}": what it means is kept by the installation, not by the document')
    for option in ("AdditionalMatchFunction", "WordStats", "NicknameFile"):
        if match.value(option).strip() not in ("", _NONE):
            raise UnsupportedError(PLUGIN, f"the option {option} ({match.value(option).strip()})")
    return Style(
        field=config.value("FieldName"),
        cleaning=tuple(_replacement(one) for one in style.each("PreProcess") if one.value("Search")),
        key=_known(keys.value("KeyFunction"), _KEYS, "keys by"),
        by_word=keys.flag("UseWords"),
        ignored=tuple(keys.value("IgnoreWords").upper().split()),
        ignores_letters=keys.flag("IgnoreSingleLetterWords"),
        ignores_empty=keys.flag("IgnoreEmpty", default=True),
        key_length=_key_length(keys),
        score=_known(match.value("MatchFunction"), _SCORES, "scores by"),
        threshold=match.number("MatchThreshold"),
        weight=match.number("MatchWeight", 100),
    )


def _key_length(keys: Configuration) -> int:
    length = keys.whole("MaxKeyLen")
    if length < 0:
        raise ToolError(f"The maximum key length cannot be {length}.")
    return length


def _replacement(config: Configuration) -> tuple[Pattern, str]:
    return compile_pattern(config.value("Search")), config.value("Replace")


def _known(written: str, known: Mapping[str, object] | Sequence[str], what: str) -> str:
    """The name as it is known here; raises UnsupportedError for another."""
    for name in (*known, _NONE):
        if same_name(name, written.strip() or _NONE):
            return name
    raise UnsupportedError(PLUGIN, f'{what} "{written}"')
