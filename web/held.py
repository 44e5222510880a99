"""One atlas as a process holds it: what was derived from it, and the confidence in its sites under the newest reports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import Any, TypeVar, cast

from locator.atlas import Atlas
from locator.trust import Reports, Trust
from web.features import Writer
from web.reader import Reader

Made = TypeVar("Made")


class Held:
    """One atlas, and what this process has derived from it; both go when the next one comes."""

    def __init__(self, atlas: Atlas, since: datetime, reports: Reports) -> None:
        """Hold an atlas from the moment `since`, under the reports there are."""
        self.atlas = atlas
        self._trust = Trust(atlas.sites, atlas.vocabulary, reports, since.date())
        self._trusting = threading.Lock()
        self.since = since
        self.reader = Reader(atlas.vocabulary, atlas.areas)
        self.writer = Writer()
        self._derived: dict[Hashable, Any] = {}

    def derived(self, key: Hashable, make: Callable[[Atlas], Made]) -> Made:
        """Return what `make` makes of the atlas; made once a key. Two threads may both make it, one is kept."""
        if key not in self._derived:
            self._derived.setdefault(key, make(self.atlas))
        return cast(Made, self._derived[key])

    def trust(self, now: datetime) -> Trust:
        """Return the confidence in the atlas's sites, today by Beijing's clock; take it once a request."""
        day: date = now.date()
        trust = self._trust
        if trust.day == day:
            return trust
        with self._trusting:  # a report that comes at midnight must not be lost
            self._trust = self._trust.on(day)
            return self._trust

    def report(self, reports: Reports) -> None:
        """Take other reports; the confidence in sites that they do not change stays as it is."""
        with self._trusting:
            self._trust = self._trust.under(reports)
