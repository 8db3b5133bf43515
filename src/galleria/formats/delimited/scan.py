"""A delimited file as a lazy frame: read by Polars as long as the file is regular, by `records.py` from where it is not.

Both give the same rows. What goes wrong on the way (texts cut, too many or too few fields) travels in a column of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from galleria.errors import InvalidError
from galleria.fields.columns import column, columns
from galleria.fields.names import unique_name
from galleria.fields.types import Field
from galleria.formats.delimited.code_pages import TextFile, to_utf8
from galleria.formats.delimited.dialect import Dialect
from galleria.formats.delimited.records import Record, lines_skipped, records
from galleria.formats.delimited.regular import Irregular, is_regular, whole_records
from galleria.formats.format import TROUBLE, Circumstances
from galleria.formats.sizes import size_trouble, sized
from galleria.messages import Status

_TOLD = pl.List(pl.Struct(dict(TROUBLE)))
_BATCH = 50_000


@dataclass(frozen=True)
class DelimitedFile:
    text: TextFile
    dialect: Dialect
    fields: tuple[Field, ...]
    lines_before: int
    """Lines before the first record: those skipped, and the header's."""
    around: Circumstances

    def scan(self) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """The rows, and a `trouble` query over the same pass."""
        schema = {field.name: field.dtype for field in self.fields} | {self._trouble: _TOLD}
        raw = register_io_source(self._batches, schema=schema)
        if self.around.record_limit:
            raw = raw.head(self.around.record_limit)
        raw = raw.cache()
        told = raw.select(told=self._trouble).drop_nulls().explode("told").unnest("told")
        return raw.select(columns(field.name for field in self.fields)), told

    @property
    def _trouble(self) -> str:
        """The name of the column of troubles: one that no field has."""
        return unique_name("trouble", [field.name for field in self.fields])

    def _batches(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        names = [*(field.name for field in self.fields), self._trouble] if with_columns is None else with_columns
        # Rows without columns would not be rows.
        wanted = [field for field in self.fields if field.name in names] or [self.fields[-1]]
        left = n_rows
        waiting = pl.DataFrame(schema=TROUBLE)
        for batch, found in self._rows(wanted):
            told = pl.concat([waiting, found])
            if batch.is_empty():
                waiting = told
                continue
            waiting = waiting.clear()
            if left is not None:
                batch = batch.head(left)
                left -= batch.height
            ready = self._with_trouble(batch, wanted, told).select(columns(names))
            yield ready if predicate is None else ready.filter(predicate)
            if left == 0:
                return

    def _with_trouble(self, batch: pl.DataFrame, fields: Sequence[Field], told: pl.DataFrame) -> pl.DataFrame:
        """The batch with its texts cut to size, and what there is to tell in its first row."""
        sizes = size_trouble(batch.lazy(), self._too_small_for(batch, fields), self.around.problem_limit)
        if sizes is not None:
            told = pl.concat([told, sizes.collect()])
            batch = batch.select(sized(field) for field in fields)
        first = [told.to_dicts()] if told.height and batch.height else []
        trouble = pl.Series(self._trouble, first, _TOLD).extend_constant(None, batch.height - len(first))
        return batch.with_columns(trouble)

    def _too_small_for(self, batch: pl.DataFrame, fields: Sequence[Field]) -> Sequence[Field]:
        """The fields that some text of the batch may not fit into."""
        if not fields:
            return ()
        longest = batch.select(column(field.name).str.len_bytes().max() for field in fields).row(0)
        return [field for field, length in zip(fields, longest, strict=True) if (length or 0) > field.size]

    def _rows(self, fields: Sequence[Field]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Batches of these fields with the trouble in them, in the order of the file."""
        done = 0
        nothing = pl.DataFrame(schema=TROUBLE)
        if self.dialect.ignores_errors and not self.text.is_ascii() and (problem := self.text.problem()):
            yield pl.DataFrame(schema={field.name: pl.String() for field in fields}), self._warned([problem])
        if len(self.dialect.delimiters.encode()) < 2 and len(self.dialect.quote.encode()) < 2:
            try:
                for batch in self._fast(fields):
                    done += batch.height
                    yield batch, nothing
            except (pl.exceptions.PolarsError, Irregular):
                pass  # the exact reader says what is wrong, or finds that nothing is
            else:
                return
        yield from self._exact(fields, done)

    def _fast(self, fields: Sequence[Field]) -> Iterator[pl.DataFrame]:
        """As long as Polars sees the file as the exact reader does; raises where it does not, or might not."""
        last, width = self.fields[-1], len(self.fields)
        names = [field.name for field in fields]
        quote = self.dialect.quote.encode() if self.dialect.delimiters else b""
        for block in whole_records(self._utf8(), self.lines_before, quote, width):
            quoted = bool(quote) and quote in block
            # Polars takes some quotes that are never closed without a word.
            is_sure = quoted or width == 1
            if is_sure and not is_regular(block, self.dialect, width, quoted=quoted):
                raise Irregular
            rows = self._query(block, [*names, last.name], quoted=quoted).collect(engine="streaming")
            # It fills short records with Nulls and says nothing.
            if not is_sure and rows[last.name].null_count() and not is_regular(block, self.dialect, width, quoted=False):
                raise Irregular
            yield rows.select(columns(names))

    def _query(self, block: bytes, names: list[str], *, quoted: bool) -> pl.LazyFrame:
        return pl.scan_csv(
            block,
            has_header=False,
            separator=self.dialect.delimiters or "\0",
            quote_char=self.dialect.quote if quoted else None,
            schema={field.name: pl.String() for field in self.fields},
        ).select(columns(dict.fromkeys(names)))

    def _utf8(self) -> Path:
        """The file itself where Polars can read it, or a copy."""
        text = self.text
        if not text.lone_returns and (text.is_utf8 or (not text.marked and text.is_ascii())):
            return text.path
        return to_utf8(text, self.around.temporary(".csv"), lossy=self.dialect.ignores_errors).path

    def _exact(self, fields: Sequence[Field], done: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        width = len(self.fields)
        places = [self.fields.index(field) for field in fields]
        blocks = lines_skipped(self.text.blocks(lossy=self.dialect.ignores_errors), self.lines_before)
        rest = islice(records(blocks, self.dialect), done, None)
        while some := list(islice(rest, _BATCH)):
            told = [self._ragged(record, number, width) for number, record in enumerate(some, done + 1) if _is_ragged(record, width)]
            done += len(some)
            columns = {
                field.name: [record[place] if place < len(record) else None for record in some]
                for field, place in zip(fields, places, strict=True)
            }
            frame = pl.DataFrame(columns, schema={field.name: pl.String() for field in fields})
            yield frame, self._warned(told)

    def _ragged(self, record: Record, number: int, width: int) -> str:
        """What is wrong with a record of another width; raises InvalidError where that ends the reading."""
        text = f"Too many fields in record #{number}" if len(record) > width else f"Not enough fields in record #{number}"
        if not self.dialect.ignores_errors:
            raise InvalidError(text)
        return text

    def _warned(self, texts: list[str]) -> pl.DataFrame:
        kept = texts[: self.around.problem_limit or None]
        rows = [(int(Status.WARNING), None, len(texts), kept)] if texts else []
        return pl.DataFrame(rows, schema=TROUBLE, orient="row")


def _is_ragged(record: Record, width: int) -> bool:
    """Whether fields are missing, or there are some too many. An empty line is none, empty fields at the end do no harm."""
    return record != [None] if len(record) < width else any(value is not None for value in record[width:])
