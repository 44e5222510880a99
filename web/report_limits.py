"""How fast reports may come from one address: a gentle brake, never a door that closes.

One carrier's address holds thousands of phones, so only a flood is slowed. Tokens this process has not
met are the dearer ones: whoever makes up new ones to be many people is slowed first. What one phone or
one site may take is counted in the registry (`geodata.registry.report_filing`), whatever the address.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256

from locator.words import Words
from web.throttle import Throttle

FREE, FREE_OF_NEW = 2_000, 600
"""Reports, and reports by phones not met before, of one address within ten minutes that cost nothing."""
SPACE_S, SPACE_OF_NEW_S = 1, 2
_MOST_ADDRESSES, _MOST_TOKENS = 1_000, 50_000


class ReportLimits:
    """The reports of this process by address. Safe to use from several threads."""

    def __init__(self) -> None:
        """Know no address and no phone."""
        words = Words("这个网络地址的反馈太多", "too many reports from this network")
        self._all = Throttle(FREE, space_s=SPACE_S, most_kept=_MOST_ADDRESSES, words=words)
        self._new = Throttle(FREE_OF_NEW, space_s=SPACE_OF_NEW_S, most_kept=_MOST_ADDRESSES, words=words)
        self._met: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str, token: str | None, now_s: float) -> None:
        """Let a report pass, and count it; without a token it is that of a new phone.

        Raises:
            TooMany: If this address sends a flood and must wait a moment.
        """
        self._all.check(address, now_s)
        if not self._knows(token):
            self._new.check(address, now_s)
            self._new.failed(address, now_s)
        self._all.failed(address, now_s)

    def _knows(self, token: str | None) -> bool:
        """Return whether a token was met before; it is now."""
        if token is None:
            return False
        digest = sha256(token.encode()).digest()
        with self._lock:
            known = digest in self._met
            self._met[digest] = None
            self._met.move_to_end(digest)
            while len(self._met) > _MOST_TOKENS:
                self._met.popitem(last=False)
        return known
