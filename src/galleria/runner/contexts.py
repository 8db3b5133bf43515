"""What a step's tool may know: the run's surroundings, as they look from where the step lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from galleria.compiler.plan import Plan, Step
from galleria.messages import Message
from galleria.runner.beside import Beside
from galleria.runner.surroundings import Surroundings
from galleria.tools.contract import Context


def context_of(
    step: Step,
    plan: Plan,
    around: Surroundings,
    facts: Mapping[str, pl.DataFrame] | None = None,
    *,
    heard: Sequence[Message] = (),
    checking: bool = False,
    is_little: bool = False,
) -> Context:
    """The context of one step: relative names start from its macro's folder, its expressions see the questions wired to it."""
    formula = around.formula
    if step.answers:
        formula = replace(formula, variables={**formula.variables, **step.answers})
    return Context(
        tool_id=step.key[-1],
        files=around.files if step.folder is None else Beside(around.files, step.folder),
        formula=formula,
        facts=facts or {},
        saved_fields=step.saved_fields,
        started=formula.started,
        record_limit=plan.settings.record_limit,
        uses_amp=plan.settings.uses_amp,
        problem_limit=plan.settings.conversion_error_limit,
        checking=checking,
        databases=around.databases,
        is_little=is_little,
        heard=[message for message in heard if message.path in step.after],
    )
