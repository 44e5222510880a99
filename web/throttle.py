"""A gentle limit by address: whoever fails often from one must go slowly there, and nobody is shut out.

Offices and thousands of phones sit behind one address, so the limit never closes it: it only spaces
attempts once failures, or whatever else is counted, pile up. Kept by each process, in memory, until the
first attempt from anywhere that comes `WINDOW_S` after an address's last failure; no address is ever
written down.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

from locator.errors import TooMany
from locator.words import Words

FREE, WINDOW_S, SPACE_S = 20, 600.0, 2
"""More than `FREE` failures within `WINDOW_S`: one attempt every `SPACE_S`."""
_MOST_KEPT = 10_000
_FAILED = Words("这个网络地址失败的登录太多", "too many failed sign-ins from this network")


class Throttle:
    """Failures by address. Safe to use from several threads."""

    def __init__(self, free: int = FREE, *, space_s: int = SPACE_S, most_kept: int = _MOST_KEPT, words: Words = _FAILED) -> None:
        """Know no address.

        Args:
            free: So many within `WINDOW_S` cost nothing.
            space_s: Seconds between two attempts after that.
            most_kept: Addresses that are remembered.
            words: What there was too much of.
        """
        self._free, self._space_s, self._most_kept, self._words = free, space_s, most_kept, words
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, address: str, now_s: float) -> None:
        """Let an attempt pass, or not yet.

        Raises:
            TooMany: If this address has failed often and the last attempt was a moment ago.
        """
        with self._lock:
            self._forget(now_s)
            failures = self._failures.get(address)
            while failures and now_s - failures[0] > WINDOW_S:
                failures.popleft()
            if not failures or len(failures) <= self._free:
                self._last.pop(address, None)
                return
            if now_s - self._last.get(address, -WINDOW_S) < self._space_s:
                raise TooMany("address", None, zh=f"{self._words.zh}，请过 {self._space_s} 秒再试",
                              en=f"{self._words.en}; try again in {self._space_s} seconds", wait_s=self._space_s)
            self._last[address] = now_s

    def failed(self, address: str, now_s: float) -> None:
        """Count a failure; the addresses heard of longest ago are forgotten first."""
        with self._lock:
            self._failures.setdefault(address, deque(maxlen=self._free + 1)).append(now_s)
            self._failures.move_to_end(address)
            self._forget(now_s)

    def _forget(self, now_s: float) -> None:
        """Drop the addresses of which nothing counts any more, and those over `most_kept`; they stand by their last failure."""
        while self._failures:
            address, failures = next(iter(self._failures.items()))
            if len(self._failures) <= self._most_kept and failures and now_s - failures[-1] <= WINDOW_S:
                return
            del self._failures[address]
            self._last.pop(address, None)
