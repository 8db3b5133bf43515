"""Load all that runs need before the first fork, without computing anything."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galleria.runner import processes

Run = Callable[[Path], int]
"""Carries out what a job folder asks for; gives the exit code."""


@dataclass(frozen=True)
class Engine:
    run: Run
    warm: Callable[[Path], object] = lambda _: None
    """Does in a job folder, without a trace, what is slow the first time in a process."""


_ENGINE = tuple(f"galleria.{name}" for name in ("documents", "formats", "formula", "tools", "compiler", "runner"))
_Cached = type(functools.cache(lambda: None))
_POOLS = re.compile(r"polars-\d+|tokio|async-executor|rayon")


def load_engine() -> Engine:
    """Import every module that a run may want: what is not loaded before the fork is loaded again by each run."""
    for package in _ENGINE:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            try:
                importlib.import_module(module.name)
            except Exception as error:
                # A run that wants it fails with the same words; all others go on.
                print(f"{module.name} cannot be loaded: {type(error).__name__}: {error}", file=sys.stderr)
    for make in _tables():
        make()
    _see_stack()
    importlib.import_module("galleria.runner.rehearsal").rehearse()
    return Engine(importlib.import_module("galleria.runner.job").run_job, importlib.import_module("galleria.runner.warm").warm_up)


def _see_stack() -> None:
    """Have Polars find out how large this thread's stack is, from a list of all that is mapped: forked processes inherit the answer."""
    import polars as pl

    # It looks when a query is put together; to plan or to carry one out would start threads.
    pl.LazyFrame({"a": [1]}).select(pl.col("a") + 1)


def refuse_pools() -> None:
    """Raise RuntimeError where a pool of threads runs: a forked process inherits its locks, not its threads, and would wait for ever."""
    pools = sorted({name for name in processes.thread_names() if _POOLS.match(name)})
    if pools:
        raise RuntimeError(f"a module computes while it is imported: threads {', '.join(pools)} run before the first fork")


def _tables() -> list[Callable[[], object]]:
    """The functions of ours that make a table at their first call and keep it: cached, without parameters."""
    modules = [module for name, module in sys.modules.items() if name.startswith(_ENGINE)]
    # By its type: to ask a thing for an attribute would load the libraries that wait for their first use.
    things: list[Any] = [thing for module in modules for thing in vars(module).values() if isinstance(thing, _Cached)]
    return [thing for thing in set(things) if not inspect.signature(thing).parameters]
