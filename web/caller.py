"""Somebody who calls: where they may be, when, and how they go; what that makes of a site's distance and of its door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import floor

from locator import travel
from locator.answers import NearSite
from locator.atlas import Atlas
from locator.hours import Opening, State, minute_of
from web import visitors
from web.vagueness import Reach, reach


@dataclass(frozen=True, slots=True)
class Seen:
    """A near site, and in which direction it lies."""

    near: NearSite
    azimuth_deg: float
    """Clockwise from north; NaN where one stands on it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller, at one moment."""

    atlas: Atlas
    now: datetime
    by: str = "walk"
    accuracy_m: float = 0.0
    """How far the caller may be from where we think."""
    rough: bool = False
    """Whether where the caller is is not known well enough to measure from: then no distance is told."""

    def reach(self, near: NearSite) -> Reach:
        """Return how near and how far a site may be: both the caller's position and the site's may be off."""
        return reach(near.distance_m, self.accuracy_m + (near.value("accuracy_m") or 0.0))

    def minutes(self, near: NearSite) -> tuple[float, float]:
        """Return how soon and how late one may get there, minutes from now; alike where the position is good."""
        least, most = self.reach(near)
        return travel.minutes(least, by=self.by), travel.minutes(most, by=self.by)

    def opening(self, near: NearSite) -> Opening:
        """Return what is known of a site's door now, for a visitor: time for staff only is not open."""
        return visitors.opening(near.row, self.atlas, self.now) if visitors.has_staff_time(near.row, self.atlas) else near.opening

    def arrival(self, near: NearSite) -> State:
        """Return the state of a site's door for a visitor who gets there at its most likely distance."""
        if not visitors.has_staff_time(near.row, self.atlas):
            return State(near.arrival)
        return visitors.opening(near.row, self.atlas, minute_of(self.now) + floor(near.minutes)).state
