"""How many sites of which kind each street gets, so that every figure on record comes out.

A figure for a street or a district is met exactly; what a city's figure leaves over is spread over
the other districts by their residents, and inside a district over its streets by weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import NamedTuple

from geodata.demo.figures import Fact, Record
from locator.sites import Site


class Cell(NamedTuple):
    """Sites of one kind and subtype in one street."""

    kind: str
    subtype: str | None
    street: str


def shares(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Split a whole number in proportion to weights, by largest remainders; ties keep their order.

    The parts add up to `total`; no part differs from its exact share by 1 or more.
    """
    whole = sum(weights.values())
    exact = {name: total * weight / whole for name, weight in weights.items()}
    parts = {name: int(part) for name, part in exact.items()}
    by_remainder = sorted(exact, key=lambda name: parts[name] - exact[name])
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def spread(total: int, weights: Mapping[str, float], rng: Random, *, at_least: int = 0) -> dict[str, int]:
    """Split a small whole number at random in proportion to weights, evenly: systematic sampling.

    Unlike `shares`, a total smaller than the number of names does not always go to the same heavy
    ones; each part is its exact share rounded down or up. `at_least` is given to every name first.
    """
    parts = dict.fromkeys(weights, at_least)
    left = total - at_least * len(weights)
    if left < 0:
        return spread(total, weights, rng)
    step = sum(weights.values()) / left if left else 0.0
    mark, passed = rng.random() * step, 0.0
    for name, weight in weights.items():
        passed += weight
        while left and mark < passed:
            parts[name] += 1
            mark += step
            left -= 1
    if left:  # the last mark may lie on the very end, by rounding
        parts[next(reversed(parts))] += left
    return parts


def cells(record: Record, residents: Mapping[str, int], streets: Mapping[str, Mapping[str, float]],
          named: Iterable[Site], rng: Random) -> Counter[Cell]:
    """Return how many sites to invent in each cell, kinds in the order of the table.

    Args:
        record: The figures on record.
        residents: People of each district, by code; its districts are the ones that get sites.
        streets: The weight of every street, by district code and street code.
        named: Places the reports name; they count towards the figures, so each takes one away.
        rng: Decides who gets the fractions.
    """
    found: Counter[Cell] = Counter()
    for kind, subtype in dict.fromkeys((fact.kind, fact.subtype) for fact in record.facts):
        about = record.of(kind, subtype)
        if subtype is None and record.of(kind) != record.of(kind, anywhere=True):
            about = tuple(fact for fact in about if fact.made_of is None)  # a total of subtypes: met by them
        if about:
            found += _cells_of(kind, subtype, about, record, residents, streets, rng)
    _take_away(found, named, record)
    return found


def _cells_of(kind: str, subtype: str | None, about: tuple[Fact, ...], record: Record, residents: Mapping[str, int],
              streets: Mapping[str, Mapping[str, float]], rng: Random) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    pinned = _pinned(kind, subtype, record)
    in_district = {fact.district: fact for fact in about if fact.district and not fact.street}
    in_city = next((fact for fact in about if not fact.district and not fact.street), None)
    figure_of = {district: fact.figure for district, fact in in_district.items()}
    every_street = {district for district, fact in in_district.items() if fact.every_street}
    if in_city is not None and in_city.one_a_district:
        figure_of = dict.fromkeys(streets, 1)  # what is left over are places the reports name
    elif in_city is not None:
        others = {d: people for d, people in residents.items() if d not in figure_of}
        figure_of |= shares(in_city.figure - sum(figure_of.values()), others)
    elif kind in record.one_a_street:
        figure_of |= {d: len(weights) for d, weights in streets.items() if d not in figure_of}
        every_street = set(streets)
    for district, figure in figure_of.items():
        fixed = {street: count for street, count in pinned.items() if street in streets[district]}
        free = {street: weight for street, weight in streets[district].items() if street not in fixed}
        parts = fixed | spread(figure - sum(fixed.values()), free, rng, at_least=int(district in every_street))
        for street, count in parts.items():
            for part, number in _by_subtype(subtype, count, about, found).items():
                found[Cell(kind, part, street)] += number
    return found


def _pinned(kind: str, subtype: str | None, record: Record) -> dict[str, int]:
    """Return the streets whose number of this kind and subtype is on record or our choice."""
    found = {}
    for fact in record.of(kind, anywhere=True):
        if fact.street is None:
            continue
        if fact.subtype == subtype and fact.made_of is None:
            found[fact.street] = fact.figure
        elif fact.made_of is not None:
            found[fact.street] = fact.made_of.get(subtype or "", 0)
    return found


def _by_subtype(subtype: str | None, count: int, about: tuple[Fact, ...], so_far: Counter[Cell]) -> dict[str | None, int]:
    """Split a street's count as the city's total is made; running totals keep the city's sums exact."""
    made_of = next((fact.made_of for fact in about if fact.made_of and not fact.street), None)
    if made_of is None:
        return {subtype: count}
    total = sum(made_of.values())
    done = sum(so_far.values())
    parts: dict[str | None, int] = {}
    before, after = 0, 0
    given = 0
    names = list(made_of)
    for name in names[:-1]:
        before = round(done * made_of[name] / total)
        after = round((done + count) * made_of[name] / total)
        parts[name] = after - before
        given += parts[name]
    parts[names[-1]] = count - given
    return parts


def _take_away(found: Counter[Cell], named: Iterable[Site], record: Record) -> None:
    """Make room for the places the reports name, in their own street or else in the district's fullest."""
    fixed = {fact.street for fact in record.facts if fact.street}
    for site in named:
        if any(fact.one_a_district for fact in record.of(site.kind)):
            continue
        assert site.street_code is not None
        own = Cell(site.kind, site.subtype, site.street_code)
        if not found[own]:
            near = [cell for cell in found if cell[:2] == own[:2] and cell.street not in fixed
                    and cell.street[:6] == own.street[:6]]
            own = max(near, key=lambda cell: found[cell])
        found[own] -= 1
