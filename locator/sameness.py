"""Are two records of one and the same site? Evidence in bits, added up to a verdict, with the reasons.

After Fellegi and Sunter (1969, doi:10.1080/01621459.1969.10501049): what is compared speaks for or
against independently, as the logarithm of how much more often pairs of one site show it than pairs
of two neighbours do.

============ ======================================================= ===================
evidence     what is compared                                        bits
============ ======================================================= ===================
`BASE`       two records of a kind, before anything is compared      -2.5
distance     over the kind's radius: 0 to 0.5; 1; 1.5; 3; 10         3; 1; -1; -4; -6
name         likeness of the places named, written or read aloud     `NAME_BITS`
number       the numbers in the names differ; only one name has one  -5; -1.5
address      same road, same numbers; same number, one says more     6; 5
             same road, neither has a number; only one has one       3; 1
             same road, another number; other numbers within         -6; -3
             another road                                            -2.5
alone        the same area, of which each has one of the kind        2
phone        the same; another                                       4; -0.5
key          the same station code, or source and its number         20
source       one source tells the two apart by its own numbers       -4
floor        another floor                                           -1.5
parent       one is inside the other                                 -40
kind         another kind                                            -8
============ ======================================================= ===================

What only one of the two says is no evidence, except a number in a name. `SAME` or more is the same
site, `LIKELY` or more is likely, `POSSIBLE` or more is possible; below that they are two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Metres
from locator.likeness import Addressed, Likeness, alike
from locator.words import Words

SAME, LIKELY, POSSIBLE = 10.0, 3.0, 0.5
VERDICTS = ("same", "likely", "possible")
"""Best first."""

BASE = -2.5
NAME_BITS = ((0.3, -4.5), (0.5, -2.0), (0.58, 0.0), (0.65, 1.5), (0.75, 3.0), (0.85, 4.5), (0.95, 5.5), (1.0, 6.0))
"""Likeness of names → bits, straight in between."""
SHORT_NAME_BITS = 4.5
"""The most that a place named by one or two characters can speak for."""
ROAD_ALIKE = 0.75
"""Roads at least so alike are one road, differently spelled."""
ROAD_DIFFERS = 0.6

_DISTANCE_BITS = ((0.5, 3.0), (1.0, 1.0), (1.5, -1.0), (3.0, -4.0), (10.0, -6.0))
_SPOKEN_SHARE = 0.98
"""Read alike is a hair less than written alike."""

Bits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """What of a record is compared."""

    kind: str
    lonlat: tuple[float, float] | None
    """WGS-84 degrees."""
    names: tuple[tuple[str, str], ...]
    """The place in the name and in each other name, as (characters, one character a syllable)."""
    numbers: tuple[int, ...]
    alone_in: str | None
    """The area that has only one site of this kind; None: it may have many."""
    address: Addressed
    road_read: str
    """The road, one character a syllable."""
    phone: str
    station_code: str | None
    source: str | None
    source_id: str | None
    floor: str | None
    id: str | None
    parent_id: str | None


class Reason(NamedTuple):
    """One piece of evidence."""

    about: str
    """distance, name, number, address, alone, phone, key, source, floor, parent or kind"""
    bits: float
    """Above 0 for one site, below for two."""
    words: Words


class Sameness(NamedTuple):
    """What comparing p pairs came to."""

    bits: Bits
    """(p,) the sum."""
    parts: dict[str, Bits]
    """(p,) bits by evidence; 0 where there is none."""
    names: Likeness
    """(p,) likeness of the names; NaN where one names no place."""


def verdict(bits: float) -> str | None:
    """Return same, likely, possible; None for two different sites."""
    return "same" if bits >= SAME else "likely" if bits >= LIKELY else "possible" if bits >= POSSIBLE else None


def compare(some: Sequence[Profile], others: Sequence[Profile], metres: Metres, radii_m: Metres) -> Sameness:
    """Weigh p pairs of records.

    Args:
        some: p profiles.
        others: p profiles to compare them with, one by one.
        metres: (p,) geodesic metres between them; NaN where one has no coordinates.
        radii_m: (p,) the radius of their kind.
    """
    names = _names(some, others)
    parts = {
        "distance": _stepped(np.asarray(metres) / radii_m, _DISTANCE_BITS),
        "name": _name_bits(some, others, names),
        "number": _each(some, others, "numbers", lambda a, b: 0.0 if a == b else -5.0 if a and b else -1.5),
        "address": _address_bits(some, others),
        "alone": _each(some, others, "alone_in", lambda a, b: 2.0 if a is not None and a == b else 0.0),
        "phone": _each(some, others, "phone", lambda a, b: 0.0 if not a or not b else 4.0 if a == b else -0.5),
        "key": _key_bits(some, others),
        "source": _source_bits(some, others),
        "floor": _each(some, others, "floor", lambda a, b: -1.5 if a and b and a != b else 0.0),
        "parent": np.array([-40.0 if (a.id is not None and a.id == b.parent_id) or (b.id is not None and b.id == a.parent_id)
                            else 0.0 for a, b in zip(some, others, strict=True)]),
        "kind": _each(some, others, "kind", lambda a, b: 0.0 if a == b else -8.0),
    }
    return Sameness(BASE + np.sum(list(parts.values()), axis=0), parts, names)


def _each(some: Sequence[Profile], others: Sequence[Profile], name: str, bits) -> Bits:  # type: ignore[no-untyped-def]
    of = attrgetter(name)
    return np.array([bits(a, b) for a, b in zip(map(of, some), map(of, others), strict=True)], np.float64)


def _stepped(values: Metres, steps: tuple[tuple[float, float], ...]) -> Bits:
    at, bits = zip(*steps, strict=True)
    return np.where(np.isnan(values), 0.0, np.interp(values, at, bits))


def _names(some: Sequence[Profile], others: Sequence[Profile]) -> Likeness:
    """Return the likeness of the names; where there are other names, of the two most alike."""
    found = _likeness([(a.names[0], b.names[0]) for a, b in zip(some, others, strict=True)])
    more = [(i, (x, y)) for i, (a, b) in enumerate(zip(some, others, strict=True)) if len(a.names) + len(b.names) > 2
            for x in a.names for y in b.names]
    if more:
        rows = np.array([i for i, _ in more])
        np.fmax.at(found, rows, _likeness([pair for _, pair in more]))
    return found


def _likeness(pairs: Sequence[tuple[tuple[str, str], tuple[str, str]]]) -> Likeness:
    written = alike([a[0] for a, _ in pairs], [b[0] for _, b in pairs])
    spoken = alike([a[1] for a, _ in pairs], [b[1] for _, b in pairs])
    return np.asarray(np.fmax(written, spoken * np.float32(_SPOKEN_SHARE)))


def _name_bits(some: Sequence[Profile], others: Sequence[Profile], names: Likeness) -> Bits:
    bits = _stepped(names.astype(np.float64), NAME_BITS)
    short = [min(len(a.names[0][1]), len(b.names[0][1])) <= 2 for a, b in zip(some, others, strict=True)]
    return np.where(short, np.minimum(bits, SHORT_NAME_BITS), bits)


def _address_bits(some: Sequence[Profile], others: Sequence[Profile]) -> Bits:
    roads = np.fmax(alike([a.address.road for a in some], [b.address.road for b in others]),
                    alike([a.road_read for a in some], [b.road_read for b in others]))
    return np.array([_of_addresses(a.address, b.address, road)
                     for a, b, road in zip(some, others, roads.tolist(), strict=True)], np.float64)


def _of_addresses(a: Addressed, b: Addressed, roads_alike: float) -> float:
    """Return what two addresses say; a road without number, and a number on another road, say little."""
    if not a.road or not b.road:
        return 0.0
    if roads_alike < ROAD_ALIKE:
        return -2.5 if roads_alike < ROAD_DIFFERS else 0.0
    if not a.number or not b.number:
        return 1.0 if a.number or b.number else 3.0
    if a.number != b.number:
        return -6.0
    if a.within == b.within:
        return 6.0
    return 5.0 if a.within[:len(b.within)] == b.within or b.within[:len(a.within)] == a.within else -3.0


def _key_bits(some: Sequence[Profile], others: Sequence[Profile]) -> Bits:
    return np.array([20.0 if (a.station_code is not None and a.station_code == b.station_code)
                     or (a.source_id is not None and (a.source, a.source_id) == (b.source, b.source_id)) else 0.0
                     for a, b in zip(some, others, strict=True)])


def _source_bits(some: Sequence[Profile], others: Sequence[Profile]) -> Bits:
    return np.array([-4.0 if a.source is not None and a.source == b.source and a.source_id and b.source_id
                     and a.source_id != b.source_id else 0.0 for a, b in zip(some, others, strict=True)])


def reasons(weighed: Sameness, pair: int, distance_m: float) -> tuple[Reason, ...]:
    """Return the evidence about one pair, the weightiest first.

    Args:
        weighed: What `compare` returned.
        pair: Which of its pairs.
        distance_m: Metres between the two; NaN where one has no coordinates.
    """
    found = []
    for about, bits in weighed.parts.items():
        weight = float(bits[pair])
        if weight:
            said = _SAID[about][weight < 0]
            likeness = float(weighed.names[pair])
            found.append(Reason(about, weight, Words(*(text.format(m=distance_m, share=likeness) for text in said))))
    return tuple(sorted(found, key=lambda reason: -abs(reason.bits)))


_SAID = {
    "distance": (("相距 {m:.0f} 米", "{m:.0f} m apart"), ("相距 {m:.0f} 米，偏远", "{m:.0f} m apart, which is far")),
    "name": (("名称相近（{share:.0%}）", "names {share:.0%} alike"), ("名称不同（{share:.0%} 相近）", "names only {share:.0%} alike")),
    "number": (("", ""), ("名称里的编号不同", "other numbers in the names")),
    "address": (("地址相同或相近", "the same or a like address"), ("地址不同", "another address")),
    "alone": (("同一区域一般只设一个", "an area has one of this kind"), ("", "")),
    "phone": (("电话相同", "the same phone"), ("电话不同", "another phone")),
    "key": (("编号相同", "the same code"), ("", "")),
    "source": (("", ""), ("同一来源里编号不同", "one source numbers them apart")),
    "floor": (("", ""), ("楼层不同", "another floor")),
    "parent": (("", ""), ("一个设在另一个里面", "one is inside the other")),
    "kind": (("", ""), ("类别不同", "another kind")),
}
"""What speaks for one site, and what for two."""
