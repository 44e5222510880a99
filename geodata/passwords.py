"""Passwords: which ones will do, and argon2id hashes of them.

The rules are those of NIST SP 800-63B: long, not the account's own name, not among the first that
anybody would try; no composition rules, no expiry. A hash takes 64 MiB and some 0.2 s of a processor,
so a process makes one at a time and turns away whoever would have to wait behind others.
"""

from __future__ import annotations

import base64
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from locator.errors import BadValue, Busy

SHORTEST, LONGEST = 12, 128
TIME_COST, MEMORY_KIB, LANES = 3, 65_536, 4
"""argon2id, version 19, salt 16 bytes, hash 32 bytes: the second recommendation of RFC 9106."""
AT_ONCE, WAITING = 1, 1
"""Hashes of one process at once, and who may wait for that: a worker's other threads stay free for the public."""
WAIT_S = 2
_COMMON = Path(__file__).parent / "files" / "common_passwords.txt"
_ENDS = re.compile(r"[\W\d_]+")


def normal(password: str) -> str:
    """Return a password as it is hashed: NFKC, so that one typed on another keyboard is the same."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, name: str) -> None:
    """Refuse a password that would soon be guessed.

    Raises:
        BadValue: If it is too short or too long, holds the account's name, or is among the first to be tried.
    """
    plain = normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise BadValue("password", None, zh=f"应有 {SHORTEST} 到 {LONGEST} 个字符；几个词连成一句最好记",
                       en=f"must have {SHORTEST} to {LONGEST} characters; a few words in a row are easiest to remember")
    folded = plain.casefold()
    if len(name) >= 3 and name.casefold() in folded:
        raise BadValue("password", None, zh="不能包含账号名", en="must not hold the account's name")
    if len(set(folded)) < 5 or _is_a_run(folded) or folded in _common() or _ENDS.sub("", folded) in _common():
        raise BadValue("password", None, zh="太常见，很容易被猜到；请换一个", en="is among the first that would be tried; choose another")


def _is_a_run(text: str) -> bool:
    """Whether it is one short piece over and over, or characters in a row: abcdefghijkl, 210987654321."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9} or any(text == (text[:n] * len(text))[:len(text)] for n in range(1, 5))


@cache
def _common() -> frozenset[str]:
    return frozenset(line for line in _COMMON.read_text("utf-8").split() if not line.startswith("#"))


class Passwords:
    """Makes and checks hashes, few at a time. Safe to use from several threads."""

    def __init__(self, *, time_cost: int = TIME_COST, memory_kib: int = MEMORY_KIB, lanes: int = LANES) -> None:
        """Set the cost of a hash; tests take less."""
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)
        self._working = threading.Semaphore(AT_ONCE)
        self._places = threading.Semaphore(AT_ONCE + WAITING)

    def hash(self, password: str) -> str:
        """Return the hash that is kept of a password.

        Raises:
            Busy: If too many wait already.
        """
        with self._turn():
            return self._hasher.hash(normal(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Return whether a hash is of this password; without a hash False, after as long a time.

        Raises:
            Busy: If too many wait already.
        """
        with self._turn():
            try:
                return self._hasher.verify(hashed or self._nobodys, normal(password)[:LONGEST]) and hashed is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, hashed: str) -> bool:
        """Return whether a hash was made at another cost than new ones are."""
        return self._hasher.check_needs_rehash(hashed)

    @property
    def _nobodys(self) -> str:
        """A hash of the right cost that no password has: it takes as long to check as a real one."""
        ours = self._hasher
        salt, digest = (base64.b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (ours.salt_len, ours.hash_len))
        return f"$argon2id$v=19$m={ours.memory_cost},t={ours.time_cost},p={ours.parallelism}${salt}${digest}"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._working.acquire(timeout=WAIT_S):
                raise self._busy()
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._places.release()

    @staticmethod
    def _busy() -> Busy:
        return Busy("password", None, zh="同时登录的人太多，请过几秒再试",
                    en="too many are signing in at once; try again in a few seconds", wait_s=WAIT_S)
