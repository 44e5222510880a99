"""A gentle limit by address: whoever fails often from one must go slowly there, and nobody is shut out.

Offices sit behind one address, so the limit never closes it: it only spaces attempts once failures
pile up. Kept by each process, in memory, for some minutes; no address is ever written down.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

from locator.errors import TooMany

FREE, WINDOW_S, SPACE_S = 20, 600.0, 2
"""More than `FREE` failures within `WINDOW_S`: one attempt every `SPACE_S`."""
_MOST_KEPT = 10_000


class Throttle:
    """Failures by address. Safe to use from several threads."""

    def __init__(self) -> None:
        """Know no address."""
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, address: str, now_s: float) -> None:
        """Let an attempt pass, or not yet.

        Raises:
            TooMany: If this address has failed often and the last attempt was less than `SPACE_S` ago.
        """
        with self._lock:
            failures = self._failures.get(address)
            while failures and now_s - failures[0] > WINDOW_S:
                failures.popleft()
            if not failures or len(failures) <= FREE:
                self._last.pop(address, None)
                return
            if now_s - self._last.get(address, -WINDOW_S) < SPACE_S:
                raise TooMany("address", None, zh=f"这个网络地址失败的登录太多，请过 {SPACE_S} 秒再试",
                              en=f"too many failed sign-ins from this network; try again in {SPACE_S} seconds", wait_s=SPACE_S)
            self._last[address] = now_s

    def failed(self, address: str, now_s: float) -> None:
        """Count a failure; the addresses heard of longest ago are forgotten first."""
        with self._lock:
            self._failures.setdefault(address, deque(maxlen=FREE + 1)).append(now_s)
            self._failures.move_to_end(address)
            while len(self._failures) > _MOST_KEPT:
                forgotten, _ = self._failures.popitem(last=False)
                self._last.pop(forgotten, None)
