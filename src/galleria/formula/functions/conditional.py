"""IIF and Switch; IF is part of the grammar."""

from collections.abc import Sequence

from galleria.formula.choice import choose
from galleria.formula.comparison import compare
from galleria.formula.kinds import BOOL
from galleria.formula.operand import Operand, whole
from galleria.formula.registry import Outcome, Site, function


@function("IIF(condition: Bool, yes: R, no: R) -> R", detailed=True, handles_problems=True)
def iif(site: Site, condition: Operand, yes: Operand, no: Operand) -> Outcome:
    """`yes` where the condition is true, `no` where it is false or Null."""
    return Outcome(*choose([condition], [(yes.expression, yes), (no.expression, no)]))


@function("Switch(value: Any, default: R, (case: Any, result: R)...) -> R", detailed=True, handles_problems=True)
def switch(site: Site, value: Operand, default: Operand, cases: Sequence[tuple[Operand, Operand]]) -> Outcome:
    """The result of the first case that equals `value` (as `=` does), or else the default, which comes second."""
    tests = [whole(case.node, BOOL, compare("=", value, case, case.position), [value, case], sure=True) for case, _ in cases]
    results = [*(result for _, result in cases), default]
    return Outcome(*choose(tests, [(result.expression, result) for result in results]))
