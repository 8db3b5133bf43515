"""The `galleria` command. Each command imports what it needs when it runs, so that all of them start fast."""

from __future__ import annotations

import sys
from typing import Any, cast

import typer

from galleria.cli import (
    bringing,
    compare,
    demo,
    districts,
    expressions,
    gallery,
    groups,
    jobs,
    keeping,
    keys,
    maps,
    people,
    plans,
    scaffold,
    secrets,
    studios,
    things,
    workflows,
)
from galleria.errors import GalleriaError, UnsupportedError

CANNOT = 2
USAGE = 3
_USAGE_ERROR = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""The parent of what typer raises for wrong usage; typer itself does not export it."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="An open, self-hosted analytics gallery."
)
app.command("run")(workflows.run)
app.command("check")(workflows.check)
app.command("compare")(compare.compare)
app.command("formula")(expressions.formula)
app.command("serve")(gallery.serve)
app.command("worker")(gallery.worker)
app.command("publish")(gallery.publish)
app.command("migrate")(gallery.migrate)
app.command("clean")(keeping.clean)
app.command("backup")(keeping.backup)
app.command("restore")(keeping.restore)
app.command("demo")(demo.demo)
jobs.jobs.command("cancel")(plans.cancel_job)
jobs.schedules.command("add")(plans.add_schedule)
jobs.schedules.command("change")(plans.change_schedule)
jobs.schedules.command("delete")(plans.delete_schedule)
app.add_typer(people.app, name="user")
app.add_typer(studios.app, name="studio")
app.add_typer(groups.groups, name="group")
app.add_typer(groups.collections, name="collection")
app.add_typer(districts.app, name="district")
app.add_typer(things.app, name="workflow")
app.add_typer(secrets.credentials, name="credential")
app.add_typer(secrets.connections, name="connection")
app.add_typer(jobs.jobs, name="job")
app.add_typer(jobs.schedules, name="schedule")
app.add_typer(jobs.triggers, name="trigger")
app.add_typer(jobs.workers, name="workers")
app.add_typer(bringing.app, name="import")
app.add_typer(maps.app, name="maps")
app.add_typer(keys.app, name="keys")
app.add_typer(plans.settings, name="settings")
app.add_typer(scaffold.app, name="new")


def main() -> None:
    """Run the command line: exit code 2 and a line of words for what cannot be done, 3 for wrong usage."""
    try:
        code = app(standalone_mode=False)
    except UnsupportedError as error:
        code = _say(f"unsupported: {error.message}", CANNOT)
    except GalleriaError as error:
        code = _say(f"invalid: {error.message}", CANNOT)
    except ValueError as error:
        # Known by its name, because its library is not to be loaded for every command.
        if type(error).__name__ != "ValidationError":
            raise
        code = _say(f"invalid: {_about_settings(error)}", CANNOT)
    except typer.Abort:
        code = _say("stopped", 130)
    except _USAGE_ERROR as error:
        code = _say(f"usage: {error}; see --help", USAGE)
    sys.exit(code if isinstance(code, int) else 0)


def _about_settings(error: ValueError) -> str:
    """Which settings are wrong, and why; their values may be secrets."""
    wrong = cast("list[dict[str, Any]]", cast("Any", error).errors(include_url=False, include_input=False))
    return "; ".join(f"GALLERIA_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in wrong)


def _say(text: str, code: int) -> int:
    print(" ".join(text.splitlines()), file=sys.stderr)
    return code
