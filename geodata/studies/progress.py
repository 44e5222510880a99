"""How far a study is, counted in areas: each of its parts goes through all of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from geodata.jobs import Work


class Progress:
    """Tells a job how far its parts are, whichever threads they are figured in."""

    def __init__(self, work: Work, parts: Sequence[str], areas: int) -> None:
        """Begin with nothing done of some parts over so many areas."""
        self._work, self._areas, self._done = work, areas, dict.fromkeys(parts, 0)
        self._lock = threading.Lock()

    def step(self, zh: str, en: str) -> None:
        """Say what is being done now; what was done before stays told."""
        with self._lock:
            self._work.step(zh, en)
        self._tell()

    def within(self, part: str, done: int, total: int) -> None:
        """Say how many of a part's areas are done, of how many it has.

        Raises:
            Cancelled: If the work was asked to stop.
        """
        self._done[part] = self._areas * done // max(total, 1)
        self._tell()

    def ended(self, part: str) -> None:
        """Say that a part is done."""
        self.within(part, 1, 1)

    def _tell(self) -> None:
        with self._lock:
            self._work.check()
            self._work.tell(done=sum(self._done.values()), total=len(self._done) * self._areas)
