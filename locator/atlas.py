"""Everything a question needs, in one immutable version, replaced whole after a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

import numpy as np

from locator import datum, doors
from locator.areas import AreaTree
from locator.arrays import Bits
from locator.calendar import Calendar
from locator.columns import TextColumn
from locator.filters import Filters, suitable
from locator.finder import Finder
from locator.hours import Hours
from locator.index import SiteIndex
from locator.mercator import Grid
from locator.names import Names, Place
from locator.sites import Sites
from locator.vocabulary import Vocabulary


class Atlas:
    """One version of the registry, ready to be asked.

    The name searches are built when first used: a command that only wants the nearest site does
    not pay for them.
    """

    def __init__(self, sites: Sites, *, vocabulary: Vocabulary, calendar: Calendar, readings: TextColumn,
                 areas: AreaTree, places: Sequence[Place], version: int, as_of: datetime, committed_at: str | None = None,
                 term_readings: Mapping[str, str] | None = None, once: bool = False,
                 previous: Atlas | None = None) -> None:
        """Take the parts; `previous` lends what has not changed since the version before.

        Args:
            sites: The table.
            vocabulary: Its codes.
            calendar: Holidays and make-up working days.
            readings: (n,) pinyin of each site's name.
            areas: Administrative areas.
            places: Landmarks to search by.
            version: The registry's version this was read at.
            as_of: When it was read.
            committed_at: When that version was committed, as the registry has it: a restored registry may
                come to the same number by another way.
            term_readings: Pinyin of the vocabulary's own names, so that a kind is found by it too.
            once: True where a single question will be asked: nothing is built that only pays later.
            previous: An older atlas of the same registry.
        """
        self.sites = sites
        self.vocabulary = vocabulary
        self.calendar = calendar
        self.readings = readings
        self.term_readings = term_readings
        self.areas = areas
        self.places = tuple(places)
        self.version = version
        self.as_of = as_of
        self.committed_at = committed_at
        self.hours: Hours = Hours(sites.timetables.values, calendar, previous=previous.hours if previous else None)
        same_points = previous is not None and np.array_equal(previous.sites.lonlat, sites.lonlat, equal_nan=True)
        self.index: SiteIndex = previous.index if previous is not None and same_points else SiteIndex(
            sites.lonlat, tree=not once)
        self._grids: dict[str, Grid] = previous._grids if previous is not None and same_points else {}  # noqa: SLF001 - its own kind
        self.finder = Finder(sites, self.hours, self.index)
        self.has_demo = bool(sites.has("demo", (True,)).any())

    @cached_property
    def staff_time(self) -> tuple[int, ...]:
        """The codes of the timetables that have time for staff only: `doors.with_staff_time`."""
        return doors.with_staff_time(self.hours)

    @cached_property
    def site_names(self) -> Names:
        """Find sites by what people call them."""
        return Names.of_sites(self.sites, self.readings, self.vocabulary, term_readings=self.term_readings)

    @cached_property
    def place_names(self) -> Names:
        """Find places by what people call them."""
        return Names.of_places(self.places)

    @cached_property
    def shown(self) -> Bits:
        """(n,) which sites anybody is answered with: public, active, located."""
        return suitable(Filters(), self.sites)

    def middle(self, code: str) -> tuple[float, float] | None:
        """Return where a list of an area begins, as (longitude, latitude) in WGS-84.

        Its centre; where none is known, the median of the sites that anybody is answered with, so that no
        internal one can be read off it. None where there is neither.
        """
        area = self.areas[code]
        if area.centre is not None:
            return area.centre
        rows = np.flatnonzero((self.sites.has("district_code", (code,)) | self.sites.has("street_code", (code,))) & self.shown)
        if not len(rows):
            return None
        lon, lat = np.median(self.sites.lonlat[rows], axis=0).tolist()
        return lon, lat

    def grid(self, drawn_in: str) -> Grid:
        """Return where the sites stand on the web's maps of a datum; made when first asked for."""
        if drawn_in not in self._grids:
            self._grids.setdefault(drawn_in, Grid(datum.from_wgs84(self.sites.lonlat, drawn_in)))
        return self._grids[drawn_in]
