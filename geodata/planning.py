"""What coverage is figured from: the sites, the people, the areas' outlines; kept between questions, and read anew where it changed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from geodata import ground, people, snaps, snapshot, streets
from geodata.areas import Areas
from geodata.registry import Registry
from locator.arrays import Bits
from locator.atlas import Atlas
from locator.demand import Demand
from locator.ground import Ground, Walking
from locator.outlines import OutlineOf
from locator.trust import Trust

_GROUNDS = 2
"""So many figures of people are kept ready: some hundred megabytes each."""


class Basis(NamedTuple):
    """What a question of planning is figured from."""

    atlas: Atlas
    ground: Ground
    outline_of: OutlineOf
    areas: Areas


class Planning:
    """What is read of one home, for many questions one after another; not for several threads."""

    def __init__(self, home: Path, registry: Registry) -> None:
        """Read nothing yet."""
        self._home = home
        self.registry = registry
        self._atlas: Atlas | None = None
        self._beside: tuple[int, ...] = ()
        self._areas: Areas | None = None
        self._outline_of: OutlineOf | None = None
        self._outlines_beside: OutlineOf | None = None
        self._past: Atlas | None = None
        self._grounds: dict[tuple[object, ...], Ground] = {}

    def basis(self, demand: str | None, *, on_foot: bool = False) -> Basis:
        """Return everything as it is now: what did not change since is the same object as before.

        Args:
            demand: A name of `people.load`.
            on_foot: The people are also where the walking network has them, if one was built.

        Raises:
            NotThere: If there is no demand of this name.
            BadFile: If the network's file, or the operator's demand, is damaged.
            Unavailable: If the registry cannot be read.
        """
        self._look_beside()
        self._atlas = snapshot.atlas(self.registry, home=self._home, previous=self._atlas, once=True)
        areas, outline_of = self._outlines()
        return Basis(self._atlas, self._ground(demand, areas, on_foot=on_foot), outline_of, areas)

    def _look_beside(self) -> None:
        beside = snapshot.beside(self._home)
        if beside != self._beside:  # areas, places or words: an atlas made from the one before would keep its own
            self._beside, self._atlas, self._areas, self._outline_of, self._outlines_beside = beside, None, None, None, None
            self._past = None
            self._grounds.clear()

    def _outlines(self) -> tuple[Areas, OutlineOf]:
        if self._areas is None or self._outline_of is None:
            self._areas = Areas.load(self._home)
            self._outline_of = ground.outlines(self._areas)
        return self._areas, self._outline_of

    def past(self, version: int, committed_at: str | None, today: Atlas) -> Atlas | None:
        """Return the registry as it was at one of its versions: see `snapshot.of_version`; the one asked for last is kept."""
        if self._past is None or (self._past.version, self._past.committed_at) != (version, committed_at):
            self._past = snapshot.of_version(self.registry, version, committed_at, today)
        return self._past

    @property
    def outlines_beside(self) -> OutlineOf:
        """The same outlines once more, for a thread beside the one that asks by the `basis`."""
        if self._outlines_beside is None:
            self._outlines_beside = ground.outlines(self._outlines()[0])
        return self._outlines_beside

    def _ground(self, demand: str | None, areas: Areas, *, on_foot: bool) -> Ground:
        about = streets.about(self._home) if on_foot else None
        key = (demand, people.stamp(self._home), about and about.version)
        kept = self._grounds.pop(key, None)
        if kept is None:
            who = people.load(self._home, areas, demand)
            kept = Ground(who, self._walking(who) if about is not None else None)
            while len(self._grounds) >= _GROUNDS:
                del self._grounds[next(iter(self._grounds))]
        self._grounds[key] = kept  # the one asked last goes last
        return kept

    def _walking(self, who: Demand) -> Walking | None:
        network = streets.load(self._home)
        points = snaps.of_points(self._home, who.lonlat, who.version) if network is not None else None
        return Walking(network, points) if network is not None and points is not None else None


def no_way_in(registry: Registry, atlas: Atlas, now: datetime) -> Bits:
    """Return (n,) which of an atlas's sites others found locked, moved or gone."""
    return Trust(atlas.sites, atlas.vocabulary, registry.reports.counted(now), now.date()).no_way_in


def demand_version(home: Path, areas: Areas, name: str | None) -> str:
    """Return the version of an installation's figures of people, as `people.version`; looked for again only when they were replaced."""
    return _version(home, areas, name, people.stamp(home))


def network_version(home: Path) -> str | None:
    """Return the version of an installation's walking network; None where none was built.

    Raises:
        BadFile: If its file is damaged.
    """
    about = streets.about(home)
    return None if about is None else about.version


@lru_cache(maxsize=32)
def _version(home: Path, areas: Areas, name: str | None, stamp: tuple[int, ...]) -> str:  # noqa: ARG001 - another stamp, other figures
    return people.version(home, areas, name)
