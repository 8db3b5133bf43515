"""A fork server with the real engine and two tools of the benchmarks' own, of which nothing ships: one waits, one computes.

`Benchmark.Wait` waits for the seconds in its `<Seconds>`; `Benchmark.Fibo` computes the Fibonacci number of its `<N>` the slow way.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

SERVER = (sys.executable, "-P", str(Path(__file__).resolve()))
WORKFLOW = """<?xml version="1.0"?>
<AlteryxDocument yxmdVer="2021.3"><Nodes>
<Node ToolID="1"><GuiSettings Plugin="AlteryxBasePluginsGui.TextInput.TextInput"/><Properties><Configuration>
<NumRows value="3"/><Fields><Field name="a"/></Fields><Data><r><c>3</c></r><r><c>1</c></r><r><c>2</c></r></Data>
</Configuration></Properties></Node>
<Node ToolID="2"><GuiSettings Plugin="{plugin}"/><Properties><Configuration>{settings}</Configuration></Properties></Node>
<Node ToolID="3"><GuiSettings Plugin="AlteryxBasePluginsGui.DbFileOutput.DbFileOutput"/><Properties><Configuration>
<File FileFormat="0">out.csv</File><FormatSpecificOptions><HeaderRow>True</HeaderRow><Delimeter>,</Delimeter></FormatSpecificOptions>
</Configuration></Properties></Node></Nodes><Connections>
<Connection><Origin ToolID="1" Connection="Output"/><Destination ToolID="2" Connection="Input"/></Connection>
<Connection><Origin ToolID="2" Connection="Output"/><Destination ToolID="3" Connection="Input"/></Connection>
</Connections><Properties/></AlteryxDocument>
"""


def waiting(seconds: float) -> str:
    """A workflow that waits and writes three rows."""
    return WORKFLOW.format(plugin="Benchmark.Wait", settings=f"<Seconds>{seconds}</Seconds>")


def computing(number: int) -> str:
    """A workflow that computes a Fibonacci number and writes three rows."""
    return WORKFLOW.format(plugin="Benchmark.Fibo", settings=f"<N>{number}</N>")


def fibo(number: int) -> int:
    return number if number < 2 else fibo(number - 1) + fibo(number - 2)


def load() -> Any:
    from galleria.runner.preload import load_engine
    from galleria.tools import palette

    engine = load_engine()
    # The palette finds what is shipped; these are not.
    palette._by_plugin().update({tool.plugins[0].casefold(): tool for tool in _tools()})
    return engine


def _tools() -> Sequence[Any]:
    from galleria.tools.configuration import Configuration
    from galleria.tools.contract import Built, Context, Inputs, Tool

    @dataclass(frozen=True)
    class Wait(Tool):
        plugins: ClassVar[Sequence[str]] = ("Benchmark.Wait",)
        seconds: float

        @classmethod
        def read(cls, config: Configuration) -> Self:
            return cls(float(config.value("Seconds", "0")))

        def build(self, inputs: Inputs, context: Context) -> Built:
            time.sleep(self.seconds)
            return Built({"Output": inputs.one()})

    @dataclass(frozen=True)
    class Fibo(Tool):
        plugins: ClassVar[Sequence[str]] = ("Benchmark.Fibo",)
        number: int

        @classmethod
        def read(cls, config: Configuration) -> Self:
            return cls(config.whole("N", 1))

        def build(self, inputs: Inputs, context: Context) -> Built:
            fibo(self.number)
            return Built({"Output": inputs.one()})

    return Wait, Fibo


if __name__ == "__main__":
    from galleria.runner.serve import serve

    sys.exit(serve(load))
