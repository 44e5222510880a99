"""What a study found, as its files, pictures and report read it: its parts in one language, and where its areas are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from locator.vocabulary import Vocabulary

if TYPE_CHECKING:
    from shapely import Geometry

    from geodata.areas import Areas
    from geodata.studies import Study
    from locator.atlas import Atlas
    from locator.pool import Pool

PARTS: Final = ("coverage", "gaps", "distances", "map", "change", "day")
Part = Mapping[str, Any]
Rows = Sequence[Mapping[str, Any]]

_MAYBE = "_if_unknown_open"


@dataclass(frozen=True)
class Contents:
    """Each part as a study keeps it; None where it has none."""

    language: str
    """Of names and notes: zh or en."""
    areas: Areas
    vocabulary: Vocabulary
    coverage: Part | None = None
    """As `CoverageAnswer.as_dict`."""
    gaps: Part | None = None
    """As `GapsAnswer.as_dict`."""
    distances: Part | None = None
    """People by metres to the nearest site: `edges_m`, and bins by area."""
    map: Part | None = None
    """`sites`, drawn `gaps`, `circle`, `outline`."""
    change: Part | None = None
    """As `ChangeAnswer.as_dict`, with its `points`."""
    day: Part | None = None
    """The 24 hours of a day."""
    version: int | None = None
    """Of the registry."""
    committed_at: str | None = None
    """When that version was written, ISO 8601."""
    made_at: str | None = None
    network: str | None = None
    """The version of the walking network; None where none was used."""
    demonstration: int = 0
    """How many of the sites that suit are demonstration records."""
    suitable: int = 0
    """How many sites suit."""
    found_locked: str | None = None
    """What others found locked, moved or gone, as a version."""
    key: str | None = None
    asked: Part | None = None
    """The question in its public shape, where a part does not say it."""
    source: Part | None = None
    """Whose figures of people they are, where a part does not say it."""
    instants: tuple[datetime, datetime] | None = None
    """Of a comparison whose sides each name their own, before and after: the question's is nobody's then."""
    proposed: tuple[str, ...] = ()
    """Of a comparison with points that are stated: each as longitude, latitude, name."""
    along: str | None = None
    """What is measured along, where a part does not say it."""

    @classmethod
    def of_study(cls, study: Study, areas: Areas, vocabulary: Vocabulary, language: str, *, only: Sequence[str] = PARTS) -> Contents:
        """Return what a kept study holds, or `only` some of its parts; `language` is zh or en.

        Raises:
            NotThere: If it was cleared away since it was found.
        """
        parts = {name: study.part(name, language) for name in only if study.has(name)}
        pins = study.pins
        return cls(language, areas, vocabulary, **parts, version=pins.version, committed_at=pins.committed_at,
                   made_at=study.made_at.isoformat(timespec="seconds"), network=pins.network, found_locked=pins.found_locked or None, key=study.key,
                   demonstration=study.about["demonstration"]["sites"], suitable=study.about["demonstration"]["of"],
                   instants=study.asked.instants, proposed=study.asked.proposed,
                   asked=study.asked.question.as_dict(), source=study.about["demand_source"][language], along=study.about["basis"])

    @classmethod
    def of_answers(cls, language: str, areas: Areas, atlas: Atlas, now: datetime, found: Pool, **parts: Any) -> Contents:
        """Return what was just figured from an atlas: the sites that count, and `parts` by name."""
        from geodata.studies import drawn

        sites = drawn.sites(found, atlas)
        return cls(language, areas, atlas.vocabulary, map={"sites": sites}, version=atlas.version,
                   committed_at=atlas.committed_at, made_at=now.isoformat(timespec="seconds"),
                   demonstration=sum(site["demo"] for site in sites), suitable=len(sites), **parts)

    @cached_property
    def main(self) -> Part:
        """The part that says what was asked: coverage where there is one; empty where none was read."""
        return next((part for part in (self.coverage, self.change, self.gaps, self.day) if part is not None), {})

    @property
    def query(self) -> Part:
        """The question, in its public shape; that of gaps adds `top` and `tolerance_m`."""
        asked: Part = {**(self.main.get("query") or self.asked or {}), **(self.gaps["query"] if self.gaps else {})}
        return asked

    @property
    def demand(self) -> Part:
        """Whose figures of people they are: source, date, note, version."""
        told: Part = self.main.get("demand_source") or self.source or {}
        return told

    @property
    def basis(self) -> str:
        """What is measured along: radius, straight (a walk's estimate) or network."""
        return str(self.main.get("basis") or self.along or ("radius" if self.query["radius_m"] is not None else "straight"))

    @property
    def hourly(self) -> bool:
        """Whether hours count, so that figures come twice."""
        return f"covered{_MAYBE}" in self.total or f"gained{_MAYBE}" in self.total or self.day is not None

    @property
    def total(self) -> Part:
        """The figures of the whole area; empty where only gaps were asked for."""
        found: Part = self.main.get("total") or {}
        return found

    @property
    def lines(self) -> Rows:
        """The figures by area."""
        found: Rows = self.main.get("areas") or ()
        return found

    @property
    def sites(self) -> Rows:
        """The sites that suit the question, and whether each counts: yes, unknown, no."""
        if self.map is None and self.day is not None:  # of a day's first hour alone it is said how they count
            return [{**site, "counts": None} for site in self.day["sites"]]
        found: Rows = (self.map or {}).get("sites") or ()
        return found

    @property
    def circle(self) -> Part | None:
        """The emptiest circle: lon, lat, radius_m, nearest_site."""
        found: Part | None = (self.gaps or {}).get("emptiest_circle")
        return found

    @property
    def circles(self) -> Mapping[str, Part]:
        """The emptiest circle of each area that has one, by its code: those of the lines, and of the whole."""
        return {one["code"]: one for one in (self.gaps or {}).get("emptiest_circles", ())}

    def name_of(self, code: str | None) -> str:
        """Return an area's name; the code itself where nobody knows it, an empty text for none."""
        tree = self.areas.tree
        return "" if code is None else tree[code].words.in_language(self.language) if code in tree else code

    def outline_of(self, code: str) -> Geometry | None:
        """Return an area's outline in WGS-84 degrees; None where it has none."""
        tree = self.areas.tree
        return self.areas.polygon(code) if code in tree and tree[code].has_outline else None
