"""The recurrences that most workflows write, on whole columns: running sums and counters, values carried on, extremes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from galleria.fields.types import Field, FieldType
from galleria.formula.compile import assign, finish
from galleria.formula.kinds import INT64, Kind
from galleria.formula.multirow_rows import over_rows
from galleria.formula.multirow_scope import SELF, Missing, MultiRow, RowScope
from galleria.formula.operand import Operand, as_number, as_truth
from galleria.formula.tree import Call, Chain, Conditional, Name, Node

RANGES = {
    FieldType.BYTE: (0, 255),
    FieldType.INT16: (-(2**15), 2**15 - 1),
    FieldType.INT32: (-(2**31), 2**31 - 1),
    FieldType.INT64: INT64,
}


@dataclass(frozen=True)
class _Branch:
    """One way on from the row above; neither a restart nor a step: the value above is carried on."""

    restart: Operand | None = None
    """The new value, whatever was above."""
    step: Operand | None = None
    """What is added to the value above."""
    minus: bool = False


@dataclass(frozen=True)
class _Plan:
    """A recurrence whose way on never depends on the values above."""

    operand: Operand
    tests: Sequence[Operand]
    branches: Sequence[_Branch]
    scope: RowScope

    def pick(self, values: Sequence[pl.Expr]) -> pl.Expr:
        """The value that belongs to the branch which each row takes."""
        if not self.tests:
            return values[0]
        tests = [as_truth(test).expression for test in self.tests]
        picked = pl.when(tests[0]).then(values[0])
        for test, value in zip(tests[1:], values[1:-1], strict=True):
            picked = picked.when(test).then(value)
        return picked.otherwise(values[-1])

    @property
    def restarts(self) -> pl.Expr:
        return self.pick([pl.lit(branch.restart is not None) for branch in self.branches])

    def column(self, work: Callable[[pl.DataFrame], pl.Series], dtype: pl.DataType) -> pl.Expr:
        return over_rows(work, self.operand.reads, self.scope, dtype)


def recognise(operand: Operand, target: Field, scope: RowScope) -> MultiRow | None:
    """The new column, where the recurrence is a known one."""
    extreme = _running_extreme(operand, target, scope)
    if extreme is not None:
        return extreme
    tests, results = _choices(operand)
    branches = [_branch(result) for result in results]
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches) or any(SELF in test.reads or test.problem is not None for test in tests):
        return None
    plan = _Plan(operand, tests, known, scope)
    return _carried(plan, target) if all(branch.step is None for branch in known) else _summed(plan, target)


def _choices(operand: Operand) -> tuple[Sequence[Operand], Sequence[Operand]]:
    """Conditions and results of an IF or IIF (one result more); anything else is one result."""
    if isinstance(operand.node, Conditional):
        count = len(operand.parts) // 2
        return operand.parts[:count], operand.parts[count:]
    if isinstance(operand.node, Call) and operand.node.function.casefold() == "iif":
        return operand.parts[:1], operand.parts[1:]
    return (), (operand,)


def _branch(result: Operand) -> _Branch | None:
    if SELF not in result.reads:
        return _Branch(restart=result)
    if _is_above(result.node):
        return _Branch()
    if not isinstance(result.node, Chain) or len(result.parts) != 2 or not result.type.kind.is_number:
        return None
    sign = result.node.steps[0].operator
    first, second = result.parts
    if sign in ("+", "-") and _is_above(first.node) and SELF not in second.reads:
        return _Branch(step=second, minus=sign == "-")
    return _Branch(step=first) if sign == "+" and _is_above(second.node) and SELF not in first.reads else None


def _is_above(node: Node) -> bool:
    return isinstance(node, Name) and node.row == -1


def _carried(plan: _Plan, target: Field) -> MultiRow:
    """Values that stay until a condition sets a new one."""
    nothing, silence = pl.lit(None, dtype=target.dtype), pl.lit(None, dtype=pl.String)
    converted = [None if branch.restart is None else assign(finish(branch.restart), target) for branch in plan.branches]
    fresh = plan.pick([nothing if item is None else item.value for item in converted])
    told = [None if item is None else item.problem for item in converted]
    restarts, first, seed = plan.restarts, plan.scope.is_first(), plan.scope.seed()

    def carry(frame: pl.DataFrame) -> pl.Series:
        rows = frame.select(fresh=fresh, restart=restarts, first=first, seed=seed)
        start = pl.col("restart") | pl.col("first")
        value = pl.when("restart").then("fresh").otherwise("seed")
        return rows.select(value.gather(pl.when(start).then(pl.int_range(pl.len())).forward_fill())).to_series()

    problem = None
    if any(item is not None for item in told):
        said = plan.pick([silence if item is None else item for item in told])
        problem = plan.column(lambda frame: frame.select(said.alias("said")).to_series(), pl.String())
    return MultiRow(plan.column(carry, target.dtype), problem, "carried on")


def _summed(plan: _Plan, target: Field) -> MultiRow | None:
    """Sums that run on until a condition starts them again. None where a step would be converted on its way."""
    items = [item for branch in plan.branches for item in (branch.restart, branch.step) if item is not None]
    if not all(item.type.kind in (Kind.NUMBER, Kind.BOOL, Kind.NULL) and item.problem is None for item in items):
        return None
    if target.type is FieldType.DOUBLE:
        rows = _amounts(plan, pl.Float64())
        return MultiRow(plan.column(lambda frame: _double_sums(frame.select(rows)), target.dtype), None, "running sum")
    if target.type in RANGES and all(item.type.is_whole or item.type.kind is not Kind.NUMBER for item in items):
        wide = pl.Int128() if target.type is FieldType.INT64 else pl.Int64()
        rows = _amounts(plan, wide)
        both = plan.column(
            lambda frame: _whole_sums(frame.select(rows), target), pl.Struct({"value": target.dtype, "problem": pl.String()})
        )
        return MultiRow(both.struct.field("value"), both.struct.field("problem"), "running sum")
    return None


def _amounts(plan: _Plan, dtype: pl.DataType) -> list[pl.Expr]:
    """`amount`: what each row starts with or adds; `start`: whether it is the first of a stretch."""
    amounts: list[pl.Expr] = []
    for branch in plan.branches:
        item = branch.restart or branch.step
        amount = pl.lit(0, dtype=dtype) if item is None else as_number(item).expression.cast(dtype)
        amounts.append(pl.lit(0, dtype=dtype) - amount if branch.minus else amount)
    amount, restarts, first = plan.pick(amounts), plan.restarts, plan.scope.is_first()
    seeded = pl.when(first & ~restarts).then(plan.scope.seed().cast(dtype) + amount).otherwise(amount)
    return [seeded.alias("amount"), (restarts | first).alias("start")]


def _double_sums(rows: pl.DataFrame) -> pl.Series:
    """A sum of Doubles depends on where it begins: every stretch is summed by itself. Null from the first Null of one on."""
    whole = pl.col("amount").is_null().cast(pl.UInt32).cum_sum() == 0
    sums = pl.when(whole).then(pl.col("amount").cum_sum())
    if rows["start"].sum() > 1:
        rows = rows.with_columns(stretch=pl.col("start").cum_sum())
        sums = sums.over("stretch")
    return rows.select(sums.alias("value")).to_series()


def _whole_sums(rows: pl.DataFrame, target: Field) -> pl.Series:
    """A Null, or a sum that the field cannot hold, makes everything Null until the next start."""
    low, high = RANGES[target.type]
    rows = rows.with_columns(sums=_since(pl.col("amount").fill_null(0)))
    rows = rows.with_columns(lost=pl.col("amount").is_null() | ~pl.col("sums").is_between(low, high))
    if not rows["lost"].any():
        return rows.select(pl.struct(value=pl.col("sums").cast(target.dtype), problem=pl.lit(None, dtype=pl.String))).to_series()
    rows = rows.with_columns(count=_since(pl.col("lost").cast(pl.Int64)))
    told = pl.concat_str(pl.col("sums").cast(pl.String), pl.lit(f" does not fit in the type {target.type}"))
    value = pl.when(pl.col("count") == 0).then(pl.col("sums")).cast(target.dtype)
    problem = pl.when(pl.col("lost") & pl.col("amount").is_not_null() & (pl.col("count") == 1)).then(told)
    return rows.select(pl.struct(value=value, problem=problem)).to_series()


def _since(amount: pl.Expr) -> pl.Expr:
    """Sums of whole numbers since the last start, that row included."""
    total = amount.cum_sum()
    return total - pl.when("start").then(total - amount).forward_fill()


def _running_extreme(operand: Operand, target: Field, scope: RowScope) -> MultiRow | None:
    """`Max([Row-1:X], y)`, `IF y > [Row-1:X] THEN y ELSE [Row-1:X]` and their like, over numbers."""
    if target.type is not FieldType.DOUBLE or scope.missing is not Missing.EMPTY:
        return None
    found = _extreme_call(operand) or _extreme_choice(operand)
    if found is None or found[0].problem is not None or not found[0].type.kind.is_number:
        return None
    value, greatest = as_number(found[0]).expression.cast(pl.Float64), found[1]
    first = scope.is_first()
    # The row above the first counts as 0.
    zero = pl.max_horizontal(value, pl.lit(0.0)) if greatest else pl.min_horizontal(value, pl.lit(0.0))

    def run(frame: pl.DataFrame) -> pl.Series:
        rows = frame.select(value=pl.when(first).then(zero).otherwise(value), stretch=first.cum_sum())
        extreme = (pl.col("value").cum_max() if greatest else pl.col("value").cum_min()).forward_fill()
        return rows.select(extreme.over("stretch") if scope.groups else extreme).to_series()

    return MultiRow(over_rows(run, operand.reads, scope, target.dtype), None, f"running {'maximum' if greatest else 'minimum'}")


def _extreme_call(operand: Operand) -> tuple[Operand, bool] | None:
    if not isinstance(operand.node, Call) or operand.node.function.casefold() not in ("max", "min") or len(operand.parts) != 2:
        return None
    above = [part for part in operand.parts if _is_above(part.node)]
    others = [part for part in operand.parts if SELF not in part.reads]
    return (others[0], operand.node.function.casefold() == "max") if len(above) == len(others) == 1 else None


def _extreme_choice(operand: Operand) -> tuple[Operand, bool] | None:
    tests, results = _choices(operand)
    if len(tests) != 1 or not isinstance(tests[0].node, Chain) or len(tests[0].parts) != 2:
        return None
    sign = tests[0].node.steps[0].operator
    left, right = tests[0].parts
    yes, no = results
    if sign not in ("<", ">") or {yes.node, no.node} != {left.node, right.node} or _is_above(left.node) == _is_above(right.node):
        return None
    value = right if _is_above(left.node) else left
    # The value above must be what stays where the comparison is false, which it is for a Null.
    return (value, (value is left) == (sign == ">")) if SELF not in value.reads and yes.node == value.node else None
