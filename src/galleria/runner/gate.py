"""The gate in the fence: a small process outside that looks up names, judges addresses and hands connections in.

The kernel's fence around a run knows ports but no addresses, so it refuses every connection and a run asks the gate for each.
The fork server forks the gate before it loads anything; every run gets a channel of its own, on which the gate knows what
that run may reach. One request at a time a channel. Linux only, as the fence is.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from galleria.addresses import Connect, Rules, connect_checked
from galleria.errors import ForbiddenError

_MESSAGE_BYTES = 1 << 16


@dataclass(frozen=True)
class Gate:
    pid: int
    control: socket.socket

    def open_channel(self, allowed: Sequence[str]) -> socket.socket:
        """Make a run's end of a channel on which it may reach public addresses and the allowed `host:port`; raises InvalidError."""
        # What is wrong with it must not end the gate, which is the way out of all other runs.
        Rules.of(allowed)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self.control, [json.dumps(list(allowed)).encode()], [theirs.fileno()])
        return ours


def start_gate(let_go: Callable[[], None] = lambda: None) -> Gate:
    """Fork the gate, where `let_go` closes what is not its own. It ends when the last copy of the control socket is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            ours.close()
            let_go()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            _release_standard_streams()
            _Keeper(theirs).work()
            status = 0
        finally:
            os._exit(status)
    theirs.close()
    return Gate(pid, ours)


def connect_through(channel: socket.socket) -> Connect:
    """Give the run's side: a function that connects by asking the gate."""
    turn = threading.Lock()

    def connect(host: str, port: int, timeout_s: float) -> socket.socket:
        with turn:
            channel.sendall(json.dumps([host, port, timeout_s]).encode())
            message, handles, _, _ = socket.recv_fds(channel, _MESSAGE_BYTES, 1)
        if handles:
            return socket.socket(fileno=handles[0])
        answer = json.loads(message) if message else {"failed": "the gate is closed"}
        if "refused" in answer:
            raise ForbiddenError(answer["refused"])
        raise OSError(answer["failed"])

    return connect


_current: list[socket.socket] = []


def enter(channel: socket.socket | None) -> None:
    """Make a channel the way out of this process, once, after the fork; None: this process connects by itself."""
    _current[:] = [] if channel is None else [channel]


def way_out(rules: Rules | None) -> Connect:
    """How this process connects: through its gate, whose rules were fixed before the run began, else by itself under `rules`."""
    return connect_through(_current[0]) if _current else connect_checked(rules)


class _Keeper:
    """The gate's own work: the control socket brings channels, channels bring requests."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.selector = selectors.DefaultSelector()
        self.answered, self.wake = socket.socketpair()
        self.idle: list[tuple[socket.socket, Rules]] = []
        """Channels whose request has been answered: to be listened to again."""

    def work(self) -> None:
        self.selector.register(self.control, selectors.EVENT_READ)
        self.selector.register(self.answered, selectors.EVENT_READ)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.control:
                    if not self._accept():
                        return
                elif key.fileobj is self.answered:
                    self.answered.recv(4096)
                    while self.idle:
                        channel, rules = self.idle.pop()
                        self.selector.register(channel, selectors.EVENT_READ, rules)
                else:
                    assert isinstance(key.fileobj, socket.socket)
                    self._take(key.fileobj, key.data)

    def _accept(self) -> bool:
        message, handles, _, _ = socket.recv_fds(self.control, _MESSAGE_BYTES, 1)
        if not message:
            return False
        channel = socket.socket(fileno=handles[0])
        self.selector.register(channel, selectors.EVENT_READ, Rules.of(json.loads(message)))
        return True

    def _take(self, channel: socket.socket, rules: Rules) -> None:
        self.selector.unregister(channel)
        try:
            request = channel.recv(_MESSAGE_BYTES)
        except OSError:
            request = b""
        if request:
            # A name server may take its time, and must not keep other runs waiting.
            threading.Thread(target=self._answer, args=(channel, rules, request), daemon=True).start()
        else:
            channel.close()

    def _answer(self, channel: socket.socket, rules: Rules, request: bytes) -> None:
        try:
            connection, answer = _connected(rules, request)
            if connection is None:
                channel.sendall(json.dumps(answer).encode())
            else:
                with connection:
                    socket.send_fds(channel, [b"{}"], [connection.fileno()])
        except OSError:
            channel.close()
            return
        self.idle.append((channel, rules))
        self.wake.send(b".")


def _connected(rules: Rules, request: bytes) -> tuple[socket.socket | None, dict[str, Any]]:
    try:
        host, port, timeout_s = json.loads(request)
        connection = connect_checked(rules)(str(host), int(port), min(float(timeout_s), 300.0))
        connection.settimeout(None)
    except ForbiddenError as error:
        return None, {"refused": error.message}
    except (OSError, ValueError, TypeError, OverflowError) as error:
        return None, {"failed": str(error)}
    return connection, {}


def _release_standard_streams() -> None:
    """The fork server's pipes are not the gate's: held open here, their ends would never be noticed."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.close(nothing)
