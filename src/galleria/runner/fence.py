"""What a run may touch: read from its job folder and, where the kernel knows Landlock, enforced by the kernel.

The fence is put around the forked process of one run, before anything of the workflow is read. What it allows: the job
folder, the administrator's folders, and what Python and its libraries need. It refuses every other file, starting programs,
signals to strangers, and every TCP connection of the run's own: connections come ready-made through the gate
(`runner/gate.py`). Path checks (`runner/files.py`) hold as well, and alone where there is no Landlock.
"""

from __future__ import annotations

import contextlib
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from galleria.errors import InvalidError

WRITTEN = ("outputs", "temporary")
"""The folders of a job folder that its run may write."""

_SYSTEM = (
    "/lib /lib64 /usr/lib /usr/lib64 /usr/local/lib /usr/share/zoneinfo /usr/share/locale /usr/share/ca-certificates"
    " /usr/local/share/ca-certificates /etc/ssl /etc/pki /etc/ca-certificates /etc/ld.so.cache /etc/localtime /etc/timezone"
    " /usr/share/fonts /usr/local/share/fonts /etc/fonts"
    " /etc/os-release /etc/mime.types /dev/zero /dev/random /dev/urandom"
    " /proc/self /proc/meminfo /proc/cpuinfo /proc/stat /proc/sys/vm /sys/fs/cgroup /sys/devices/system"
).split()
_ITSELF = "/proc/self"
"""Another folder for every process that opens it."""


@dataclass(frozen=True)
class Fence:
    read: tuple[Path, ...] = ()
    """Folders and files outside the job folder that the run may read."""
    write: tuple[Path, ...] = ()
    """Folders outside the job folder that the run may read and write."""
    private_addresses: tuple[str, ...] = ()
    """`host:port` of the loopback or a private network that the run may connect to."""
    unrestricted: bool = False
    """The run may start programs and touch what the operating system lets it touch."""


@dataclass(frozen=True)
class FenceStatus:
    enforced: bool
    """By the kernel, and not only by our own checks."""
    statement: str
    """A sentence for the administrator."""


def read_fence(job: Mapping[str, Any]) -> Fence:
    """Read the `fence` of a job.json; what is missing is not allowed. Raises InvalidError on anything unexpected."""
    given: Mapping[str, Any] = job.get("fence") or {}
    unknown = given.keys() - {"read", "write", "private_addresses", "unrestricted"}
    if unknown:
        raise InvalidError(f"the fence of a job does not know {', '.join(sorted(unknown))}")
    unrestricted = given.get("unrestricted", False)
    if not isinstance(unrestricted, bool):
        raise InvalidError("the fence's 'unrestricted' must be true or false")
    return Fence(
        tuple(Path(root) for root in _texts(given, "read")),
        tuple(Path(root) for root in _texts(given, "write")),
        tuple(_texts(given, "private_addresses")),
        unrestricted,
    )


def fence_status() -> FenceStatus:
    """Say which fence runs have on this machine."""
    abi = _landlock_abi()
    if abi < 1:
        return FenceStatus(
            False,
            "Runs are fenced by Galleria's own checks of paths and addresses only: this kernel has no Landlock."
            " Give publishing rights to people you trust, or run the worker in a container.",
        )
    open_ends = [
        *(["TCP (needs ABI 4)"] if abi < 4 else []),
        *(["signals (needs ABI 6)"] if abi < 6 else []),
        *(["Unix sockets (needs ABI 9)"] if abi < 9 else []),
        *(["UDP (needs ABI 10)"] if abi < 10 else []),
    ]
    rest = f" The kernel does not confine: {', '.join(open_ends)}." if open_ends else ""
    return FenceStatus(True, f"Runs are fenced by the kernel (Landlock, ABI {abi}) in files, programs and connections.{rest}")


def raise_fence(folder: Path, fence: Fence, needed: Iterable[Path]) -> FenceStatus:
    """Confine this process, and all that it starts, for good; a no-op where the run is unrestricted or the kernel cannot.

    `needed` are files and folders that the process reads besides, from `common_paths`.
    """
    status = fence_status()
    if fence.unrestricted or not status.enforced:
        return status
    from landlockpy import AccessFS, Ruleset, Scope

    read = AccessFS.READ_FILE | AccessFS.READ_DIR
    # No links, devices, sockets or pipes: whoever collects the outputs must find plain files.
    write = (
        read | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.MAKE_REG | AccessFS.MAKE_DIR
        | AccessFS.REMOVE_FILE | AccessFS.REMOVE_DIR | AccessFS.REFER
    )  # laid out by meaning # fmt: skip
    with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as rules:
        for path in needed:
            _allow(rules, path, read)
        _allow(rules, folder / "job.json", AccessFS.READ_FILE)
        for path in [folder / "package", folder / "inputs", *fence.read]:
            _allow(rules, path, read)
        for path in [*(folder / name for name in WRITTEN), *fence.write]:
            _allow(rules, path, write)
        for path in [folder / "events.jsonl", folder / "log.txt", Path("/dev/null")]:
            _allow(rules, path, AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.TRUNCATE)
        rules.restrict()
    return status


def common_paths() -> tuple[Path, ...]:
    """What every run may read, because Python and its libraries need it: what is there, each once, and nothing that lies in another."""
    named = [Path(place) for place in (*_SYSTEM, *_libraries()) if place != _ITSELF]
    places = {place.resolve() for place in named if place.exists()}
    found = sorted(place for place in places if places.isdisjoint(place.parents))
    return (*found, Path(_ITSELF))


def _libraries() -> Sequence[str]:
    """Where this Python finds its libraries and ours."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    library = sysconfig.get_config_var("LIBDIR")
    # An entry that is a file is a zip of modules; "" would be the current folder, which is nobody's library.
    return [*named, *(entry for entry in sys.path if entry), *([library] if library else [])]


def _allow(rules: Any, path: Path, access: Any) -> None:
    """A path that is not there needs no rule; a file takes only the rights that files have."""
    from landlockpy import AccessFS

    if not path.is_dir():
        access &= AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.TRUNCATE
    with contextlib.suppress(FileNotFoundError):
        rules.allow_path(path, access)


def _landlock_abi() -> int:
    """0 where there is none."""
    try:
        from landlockpy import abi_version

        return abi_version()
    except (ImportError, OSError):
        return 0


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    texts = cast("list[object]", given.get(name) or [])
    kept = [text for text in texts if isinstance(text, str) and text] if isinstance(texts, list) else []  # pyright: ignore[reportUnnecessaryIsInstance] - JSON may hold anything
    if len(kept) != len(texts):
        raise InvalidError(f"the fence's {name!r} must be a list of texts")
    return kept
