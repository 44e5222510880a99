"""Where invented sites stand: drawn around streets and a few busy centres, inside their district.

There are no outlines of streets, so a site's street is by assignment: `files/demo_streets.csv` gives
every street and township one approximate point, and some a busy centre beside it. A site is drawn
from a normal distribution around one of its street's points and kept if it lies in the street's
district; which street it would really lie in, nobody has checked.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from geodata.areas import FILES, Areas
from locator.arrays import LonLat

DISTRICT_DIGITS = 6
_METRES_A_DEGREE_NORTH = 111_000.0
_METRES_A_DEGREE_EAST = 85_000.0  # at 40 degrees north; only a spread is scaled by it
_ROUNDS = 40
_WIDER_EACH_ROUND = 1.1


class Spot(NamedTuple):
    """A point sites gather around."""

    street: str
    centre: str
    """The name of a busy centre; empty for the street itself."""
    lon: float
    lat: float
    spread_m: float
    """Standard deviation of the distance east and of the distance north."""
    weight: float
    around: tuple[str, ...]
    """Neighbourhoods there, for names and addresses."""


class Ground:
    """The spots of every street."""

    def __init__(self, spots: Sequence[Spot], areas: Areas) -> None:
        """Take the spots; every street must lie in a district of `areas`."""
        self._areas = areas
        self._spots: dict[str, list[Spot]] = {}
        for spot in spots:
            self._spots.setdefault(spot.street, []).append(spot)

    @classmethod
    def load(cls, areas: Areas) -> Ground:
        """Read the shipped spots."""
        with (FILES / "demo_streets.csv").open(encoding="utf-8", newline="") as lines:
            return cls([Spot(line["street"], line["centre"], float(line["lon"]), float(line["lat"]), float(line["spread_m"]),
                             float(line["weight"]), tuple(line["around"].split("|"))) for line in csv.DictReader(lines)], areas)

    @property
    def streets(self) -> Mapping[str, Mapping[str, float]]:
        """The weight of every street, by district code and street code."""
        found: dict[str, dict[str, float]] = {}
        for street, spots in self._spots.items():
            found.setdefault(street[:DISTRICT_DIGITS], {})[street] = sum(spot.weight for spot in spots)
        return found

    @property
    def centres(self) -> tuple[Spot, ...]:
        """The busy centres."""
        return tuple(spot for spots in self._spots.values() for spot in spots if spot.centre)

    def draw(self, streets: Sequence[str], rng: Random) -> tuple[LonLat, list[str]]:
        """Draw a point and a neighbourhood for each wanted street.

        Returns:
            (n, 2) WGS-84 degrees to six digits, each inside its street's district by
            `Areas.district_of`; and n names of neighbourhoods.
        """
        spots = [rng.choices(self._spots[street], [s.weight for s in self._spots[street]])[0] for street in streets]
        districts = [street[:DISTRICT_DIGITS] for street in streets]
        lonlat = np.empty((len(streets), 2))
        waiting = list(range(len(streets)))
        wider = 1.0
        for _ in range(_ROUNDS):
            lonlat[waiting] = [_near(spots[i], wider, rng) for i in waiting]
            found = self._areas.district_of(lonlat[waiting])
            waiting = [i for i, district in zip(waiting, found, strict=True) if district != districts[i]]
            if not waiting:
                break
            wider *= _WIDER_EACH_ROUND  # a spot may lie just over the border of an outline
        for i in waiting:
            centre = self._areas.tree[districts[i]].centre
            assert centre is not None, "a district with sites has an outline"
            lonlat[i] = centre
        return lonlat, [rng.choice(spot.around) for spot in spots]


def _near(spot: Spot, wider: float, rng: Random) -> tuple[float, float]:
    spread_m = spot.spread_m * wider
    return (round(spot.lon + rng.gauss(0, spread_m) / _METRES_A_DEGREE_EAST, 6),
            round(spot.lat + rng.gauss(0, spread_m) / _METRES_A_DEGREE_NORTH, 6))
