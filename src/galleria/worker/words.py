"""What a job's owner reads when its run was stopped or died."""

from collections.abc import Mapping
from typing import Any

from galleria.children.watch import Ending, Limits, Stopped

_KILLED = 9


def why_it_failed(ending: Ending, limits: Limits, far: Mapping[str, Any]) -> str:
    """A sentence or two for a run that did not end by itself in good order: what happened, how much, what would help.

    `far` is what it last said about its progress.
    """
    progress = _where(far)
    match ending.stopped:
        case Stopped.MEMORY:
            return (
                f"The run was stopped because it held {size(ending.peak_bytes)} of memory; a run may hold {size(limits.memory_bytes or 0)}"
                f"{progress}. Rows that are sorted, joined or summarized are held in memory: filter rows and drop fields before that,"
                " or ask the administrator for a higher limit."
            )
        case Stopped.TIME:
            return f"The run was stopped because it took longer than {span(limits.time_s or 0)}{progress}."
        case Stopped.DISK:
            return (
                f"The run was stopped because its files took more room than {size(limits.disk_bytes or 0)}{progress}."
                " Write fewer rows or fields, or ask the administrator for a higher limit."
            )
        case _:
            pass
    if ending.ended.signal == _KILLED:
        return f"The operating system ended the run, most likely because the machine ran out of memory{progress}."
    if ending.ended.signal is not None:
        return f"The run broke off with signal {ending.ended.signal}{progress}; this is a fault of Galleria or of a library."
    if ending.ended.detail:
        return f"The run could not go on: {ending.ended.detail}."
    return f"The run ended without a result (exit code {ending.ended.exit}){progress}; this is a fault of Galleria."


def _where(far: Mapping[str, Any]) -> str:
    """` (after step 2 of 5, in Sort (6) and Join (8))`, as far as the run told."""
    if not {"done", "steps"} <= far.keys():
        return ""
    tools = [f"{tool['name']} ({tool['toolId']})" for tool in far.get("tools", ())]
    shown = tools[:_MOST_NAMED]
    more = f" and {len(tools) - len(shown)} more" if len(tools) > len(shown) else ""
    within = f", while rows passed {', '.join(shown)}{more}" if shown else ""
    return f" (after step {far['done']} of {far['steps']}{within})"


_MOST_NAMED = 8


def size(number_bytes: int) -> str:
    """`1.5 GB`, `300 MB`."""
    return f"{number_bytes / 1e9:.1f} GB" if number_bytes >= 1e9 else f"{number_bytes / 1e6:.0f} MB"


def span(seconds: float) -> str:
    """`90 seconds`, `2 hours`."""
    for unit, length_s in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length_s and seconds % length_s == 0:
            return f"{seconds / length_s:g} {unit}"
    return f"{seconds:g} seconds"
