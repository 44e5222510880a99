"""The confidence in each site of a table, on one day and under the reports there are.

Judged when first asked for and then kept: a report on one site makes a new `Trust` that keeps every
other site's judgement, and a new day one that keeps none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

import numpy as np

from locator import quality
from locator.arrays import Bits
from locator.quality import Judgement, Recorded, Told
from locator.sites import Sites
from locator.vocabulary import Vocabulary

Reports = Mapping[str, Sequence[Told]]
"""By site id, what was reported and not rejected; a site without any is left out."""


class Trust:
    """Judgements by row. Safe to use from several threads: two may judge the same row, and find the same."""

    def __init__(self, sites: Sites, vocabulary: Vocabulary, reports: Reports, day: date) -> None:
        """Take what judging needs; nothing is judged yet."""
        self._sites = sites
        self._vocabulary = vocabulary
        self.reports = reports
        self.day = day
        """In Beijing."""
        self.known: dict[int, Judgement] = {}
        """What was judged so far, by row: whoever keeps what it made of a judgement sees by identity whether that still holds."""

    def of(self, row: int) -> Judgement:
        """Return the confidence in one site."""
        found = self.known.get(row)
        if found is None:
            found = self.known.setdefault(row, self._judged(row))
        return found

    @cached_property
    def no_way_in(self) -> Bits:
        """(n,) which sites others found locked, moved or gone: `Judgement.no_way_in`."""
        found = np.zeros(len(self._sites), bool)
        for site_id in self.reports:  # nobody else's can be
            row = self._sites.row_of(site_id)
            if row is not None:
                found[row] = self.of(row).no_way_in
        found.flags.writeable = False
        return found

    def _judged(self, row: int) -> Judgement:
        value = self._sites.value
        record = Recorded(value("verified_on", row), value("verified_how", row), value("next_check_on", row), value("basis", row),
                          value("updated_at", row))
        return quality.judged(record, self.reports.get(value("id", row), ()), self.day, self._vocabulary)

    def on(self, day: date) -> Trust:
        """Return the same on another day; itself if it is this one."""
        return self if day == self.day else Trust(self._sites, self._vocabulary, self.reports, day)

    def under(self, reports: Reports) -> Trust:
        """Return the same under other reports: only sites whose reports differ are judged anew."""
        then = Trust(self._sites, self._vocabulary, reports, self.day)
        changed = {self._sites.row_of(site_id) for site_id in {*self.reports, *reports}
                   if self.reports.get(site_id) != reports.get(site_id)}
        then.known = {row: judgement for row, judgement in list(self.known.items()) if row not in changed}
        return then
