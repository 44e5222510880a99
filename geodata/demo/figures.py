"""Which figure on record is where: the table `files/demo_counts.toml`, read and countable.

The demonstration registry is made from this table; `Fact.count` counts any registry against it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from geodata.areas import FILES
from locator.sites import Site
from locator.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number of sites on record: of a kind and subtype, in a district or street, in a year.

    No `subtype` counts every subtype; no `district` and `street` counts the city; no `year` means
    the reports name none.
    """

    says: Words
    figure: int
    kind: str
    subtype: str | None = None
    district: str | None = None
    street: str | None = None
    year: int | None = None
    every_street: bool = False
    """Every street and township of the district has at least one."""
    one_a_district: bool = False
    """Every district has one; what is left over are places the reports name."""
    in_stations: bool = False
    """The first one of a street stands in that street's union service station."""
    made_of: Mapping[str, int] | None = None
    """How many of each subtype we let a total consist of: our choice, not on record."""
    reported: bool = True
    """False for a number of our own, which no report gives."""

    def count(self, sites: Iterable[Site]) -> int:
        """Return how many of the sites this fact speaks of; of any status and visibility."""
        return sum(site.kind == self.kind
                   and self.subtype in (None, site.subtype)
                   and self.district in (None, site.district_code)
                   and self.street in (None, site.street_code) for site in sites)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A proportion on record: `figure` of every `of` sites of a kind have one of these eligibilities."""

    says: Words
    kind: str
    eligibility: tuple[str, ...]
    figure: int
    of: int

    def expected(self, sites: int) -> int:
        """Return the same share of another number of sites, rounded."""
        return round(sites * self.figure / self.of)

    def count(self, sites: Iterable[Site]) -> int:
        """Return how many of the sites have the eligibility this share speaks of."""
        return sum(site.kind == self.kind and site.eligibility in self.eligibility for site in sites)


@dataclass(frozen=True, slots=True)
class Record:
    """The whole table."""

    facts: tuple[Fact, ...]
    """Figures on record, then numbers of our own (`reported` is False)."""
    shares: tuple[Share, ...]
    one_a_street: frozenset[str]
    """Kinds of which every street has one, in districts without a figure: our choice."""

    def of(self, kind: str, subtype: str | None = None, *, anywhere: bool = False) -> tuple[Fact, ...]:
        """Return the facts about a kind and exactly this subtype; with `anywhere`, about any subtype."""
        return tuple(f for f in self.facts if f.kind == kind and (anywhere or f.subtype == subtype))


@lru_cache(maxsize=1)
def record() -> Record:
    """Return the shipped table."""
    table = tomllib.loads((FILES / "demo_counts.toml").read_text("utf-8"))
    own = Words("示例数量", "a number of our own")
    fillings = [line for line in table["filling"] if "figure" in line]
    return Record(
        facts=(*(Fact(**line) for line in map(_worded, table["fact"])),
               *(Fact(says=own, reported=False, **line) for line in fillings)),
        shares=tuple(Share(**line | {"eligibility": tuple(line["eligibility"])}) for line in map(_worded, table["share"])),
        one_a_street=frozenset(line["kind"] for line in table["filling"] if line.get("one_a_street")))


def facts() -> tuple[Fact, ...]:
    """Return every figure on record that the demonstration registry reproduces."""
    return tuple(fact for fact in record().facts if fact.reported)


def _worded(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"says": Words(**line["says"])}
