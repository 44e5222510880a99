"""Handing work to a process that waits for it: its message and its lock go over a socket, and somebody holds the lock all the while.

A process that waits listens on a socket in a private folder; a few may wait at once, each in a place of its own, which
the system frees when the process dies. Whoever hands something over lets go of the lock only when it was told that it
was taken; where nobody answers, nothing was taken, and it is nobody's but the giver's.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PLACES = 2
"""So many processes of a folder wait at once."""
_LONGEST = 1 << 16
_ANSWER_S = 1.0
"""A process that waits has nothing else to do: one that takes longer is stopped or lost."""
_LOOK_S = 2.0
_TAKEN = b"1"


class Handed(NamedTuple):
    """What was taken."""

    message: bytes
    lock: int
    """A descriptor: whoever took it closes it."""


def hand(folder: Path, message: bytes, lock: int) -> bool:
    """Hand a message and a lock to a process that waits in a folder; return whether one took them.

    Args:
        folder: Where processes may wait.
        message: At most 64 KiB, not empty.
        lock: A descriptor that holds a lock; it stays the caller's to close.
    """
    if not folder.is_dir():
        return False
    with _short(folder) as short:
        return any(_taken(f"{short}/{_name(place)}", message, lock) for place in range(PLACES))


def _taken(address: str, message: bytes, lock: int) -> bool:
    with socket.socket(socket.AF_UNIX) as giving, contextlib.suppress(OSError):
        giving.settimeout(_ANSWER_S)
        giving.connect(address)
        socket.send_fds(giving, [message], [lock])
        try:
            return giving.recv(1) == _TAKEN
        except TimeoutError:
            giving.shutdown(socket.SHUT_RD)  # from here on the other cannot say that it took it; it may have said so just before
            return giving.recv(1) == _TAKEN
    return False


def wait(folder: Path, fits: Callable[[bytes], bool], *, seconds: float, goes_on: Callable[[], bool]) -> Handed | None:
    """Wait until something is handed over; None where it took too long, or nobody may wait here any more.

    Args:
        folder: Private to this user; it must be there.
        fits: Whether a message is for this process.
        seconds: How long to wait.
        goes_on: Asked every two seconds, and before anything is taken: whether to wait on.
    """
    with _place(folder) as listening:
        until = time.monotonic() + seconds
        while listening is not None and goes_on() and (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([listening], [], [], min(left, _LOOK_S))
            if ready and goes_on():
                handed = _accepted(listening, fits)
                if handed is not None:
                    return handed
    return None


def _accepted(listening: socket.socket, fits: Callable[[bytes], bool]) -> Handed | None:
    locks: list[int] = []
    with contextlib.suppress(OSError):
        taking, _ = listening.accept()
        with taking:
            taking.settimeout(_ANSWER_S)
            message, locks, _, _ = socket.recv_fds(taking, _LONGEST, 1)
            if len(locks) == 1 and fits(message):
                os.set_inheritable(locks[0], False)
                taking.sendall(_TAKEN)  # fails where the giver has given up: then it is not ours
                return Handed(message, locks[0])
    for lock in locks:
        os.close(lock)
    return None


@contextmanager
def _place(folder: Path) -> Iterator[socket.socket | None]:
    """Listen in one of the folder's places; None where all are taken, or the system has no such sockets."""
    for place in range(PLACES):
        with open(os.open(folder / f"{_name(place)}.lock", os.O_RDWR | os.O_CREAT, 0o600)) as held:  # noqa: PTH123
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path = folder / _name(place)
            path.unlink(missing_ok=True)  # of one that was killed
            with socket.socket(socket.AF_UNIX) as listening:
                try:
                    with _short(folder) as short:
                        listening.bind(f"{short}/{_name(place)}")
                    path.chmod(0o600)
                    listening.listen(1)
                    listening.setblocking(False)
                except OSError:
                    break
                try:
                    yield listening
                finally:
                    path.unlink(missing_ok=True)
            return
    yield None


def _name(place: int) -> str:
    return f"waiting-{place}"


@contextmanager
def _short(folder: Path) -> Iterator[str]:
    """Give a folder a name that is short enough: an address of a socket has 108 bytes, a home's path may have more."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)
