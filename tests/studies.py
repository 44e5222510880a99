"""A study of Beijing with a few sites and a few people, as its files, pictures and report read one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import orjson

from geodata import ground, vocabulary
from geodata.areas import Areas
from geodata.planning import Basis
from geodata.studies.day import day
from geodata.studies.distances import distances
from geodata.studies.drawn import drawn
from geodata.study_files.contents import Contents
from locator import change as changes
from locator.atlas import Atlas
from locator.coverage import coverage
from locator.demand import Demand
from locator.ground import Ground
from locator.hours import CLOCK
from locator.lines import areas_asked, source
from locator.names import Place
from locator.pool import pool
from locator.questions import CoverageQuestion
from locator.sides import Side
from locator.uncovered import GapsQuestion, uncovered
from locator.words import Words
from tests.conftest import a_site

NIGHT = datetime(2026, 3, 4, 23, 0, tzinfo=CLOCK)
FORMULA, ERROR = "=cmd|' /C calc'!A0", "#N/A"
"""Names that a spreadsheet must not run, and not take for a fault."""
_HOURS = ("24/7", "Mo-Su 08:00-20:00", None, "Mo-Fr 09:00-17:00")


@cache
def areas() -> Areas:
    return Areas.load()


def atlas_of(make_atlas: Callable[..., Atlas], *, without: int = 0) -> Atlas:
    """Sites on a grid around the middle of the city, their hours in turn; the first few left out."""
    points = [(116.32 + 0.03 * (n % 6), 39.86 + 0.025 * (n // 6)) for n in range(24)]
    districts = areas().district_of(np.array(points))
    sites = [a_site(n, lon=lon, lat=lat, opening_hours=_HOURS[n % 4], district_code=district,
                    name={3: FORMULA, 4: ERROR}.get(n, f"第{n}暖心驿站"), kind="mother_baby_room" if n % 5 == 0 else "warm_station")
             for n, ((lon, lat), district) in enumerate(zip(points, districts, strict=True)) if n >= without]
    return make_atlas(sites, areas=areas().tree, places=[Place("hall", Words("大厅<b>", "Hall<b>"), 116.2, 40.0, 100.0, "landmark")])


def people() -> Ground:
    """People on a grid over the city and beyond it, more of them in the middle; whole numbers, so that sums are exact."""
    lon, lat = (part.ravel() for part in np.meshgrid(np.arange(115.9, 116.9, 0.02), np.arange(39.6, 40.3, 0.02)))
    lonlat = np.column_stack([lon, lat])
    some = np.round(2000 * np.exp(-(((lon - 116.4) / 0.2) ** 2 + ((lat - 39.9) / 0.15) ** 2))) + 3
    return Ground(Demand(lonlat, some, *areas().overlay(lonlat), None, Words("试点人口", "a test"), "2026-01-01", Words("点上的人", "points"), "v1"))


def study(make_atlas: Callable[..., Atlas], *, language: str = "zh", week: bool = False, by: str | None = "district", at: datetime | None = NIGHT,
          radius_m: float = 1500.0, empty: bool = False, fold: int = 1) -> Contents:
    """Coverage, gaps, distances and map of one question."""
    atlas, who, outline_of = atlas_of(make_atlas, without=99 if empty else 0), people(), ground.outlines(areas())
    asked = CoverageQuestion(radius_m=radius_m, at=at, week=week, by=by, fold=fold)
    found = coverage(asked, atlas, who, NIGHT, outline_of=outline_of)
    bare = uncovered(GapsQuestion(asked), atlas, who, NIGHT, outline_of=outline_of, area_of=areas().finest_of)
    sites = pool(asked, atlas, NIGHT)
    codes, whole = areas_asked(asked, atlas.areas)
    parts: dict[str, Any] = {
        "coverage": found.as_dict(language), "gaps": bare.as_dict(language),
        "map": plain(drawn(bare, sites, atlas, areas(), outline_of(whole), whole)),
        "distances": plain(distances(asked, sites, atlas.sites.lonlat[sites.rows], atlas.areas, who, codes, whole, language))}
    return Contents(language, areas(), vocabulary.load(), **parts, version=7, committed_at="2026-03-01T10:00:00+08:00",
                    made_at="2026-03-04T09:00:00+08:00", key="0" * 32)


def comparison(make_atlas: Callable[..., Atlas], *, language: str = "zh") -> Contents:
    """What six sites fewer change."""
    asked, who = CoverageQuestion(radius_m=1500.0, at=NIGHT, by="district"), people()
    before, after = atlas_of(make_atlas), atlas_of(make_atlas, without=6)
    sides = [Side.of(Words(*words), asked, atlas, NIGHT) for words, atlas in ((("现状", "now"), before), (("撤掉六个", "six fewer"), after))]
    answer = changes.change(asked, *sides, before.areas, who, areas_asked(asked, before.areas), NIGHT, outline_of=ground.outlines(areas()))
    return Contents(language, areas(), vocabulary.load(), change={**answer.as_dict(language), "points": answer.points()}, version=7,
                    committed_at="2026-03-01T10:00:00+08:00", made_at="2026-03-04T09:00:00+08:00", key="1" * 32)


def plain(part: Any) -> Any:
    """Return a part as a study gives it back: through its JSON."""
    return orjson.loads(orjson.dumps(part, option=orjson.OPT_SERIALIZE_NUMPY))


def hours(make_atlas: Callable[..., Atlas], *, language: str = "zh") -> Contents:
    """The 24 hours of a day."""
    asked, atlas = CoverageQuestion(radius_m=1500.0, at=NIGHT), atlas_of(make_atlas)
    basis = Basis(atlas, people(), ground.outlines(areas()), areas())
    told = day(asked, basis, np.zeros(len(atlas.sites), bool), areas_asked(asked, atlas.areas), lambda _done, _all: None)
    return Contents(language, areas(), vocabulary.load(), day=plain(told), asked=asked.as_dict(), source=source(basis.ground.demand, language),
                    along="radius", version=7, committed_at="2026-03-01T10:00:00+08:00", made_at="2026-03-04T09:00:00+08:00", key="2" * 32)
