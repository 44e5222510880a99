"""The job that makes a study: reads what it is pinned to, figures its parts one after another, keeps them whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import orjson
import shapely

from geodata import planning, scenarios, side_words
from geodata.jobs import Job, Jobs, Work
from geodata.planning import Basis, Planning
from geodata.registry import Registry
from geodata.scenarios import Sides
from geodata.studies import drawn
from geodata.studies.asked import COMPARE, COVERAGE, DAY, GAPS, STUDY, Asked
from geodata.studies.day import day
from geodata.studies.distances import distances
from geodata.studies.pins import Pins, key, locked
from geodata.studies.progress import Progress
from geodata.studies.store import LANGUAGES, Studies, Unfinished
from locator.arrays import Bits
from locator.change import change
from locator.coverage import coverage
from locator.errors import Conflict, Refusal
from locator.ground import basis_of
from locator.lines import areas_asked, source
from locator.outlines import OutlineOf
from locator.pool import pool
from locator.sides import Side
from locator.uncovered import GapsAnswer, uncovered

WORK: Final = "geodata.studies.running:run"
"""As `Jobs.start` has it."""
STAYS_S = 300.0
"""So long a process that made a study waits for the next question, with city and people in memory."""
_NOTHING: Final = shapely.Polygon()
_PARTS: Final = {STUDY: ("coverage", "distances", "gaps", "map"), COVERAGE: ("coverage",), GAPS: ("gaps",), COMPARE: ("sides", "change"),
                 DAY: ("day",)}
"""What is figured of each sort of study, as its progress counts it."""


def start(jobs: Jobs, asked: Asked, pins: Pins, *, now: datetime, owner: str, area: str) -> Job:
    """Begin to make a study, or follow whoever has begun it already: its key is the job's id.

    Args:
        jobs: Of the home.
        asked: The question.
        pins: What it is to be answered from: `pinned`.
        now: With an offset.
        owner: Whose job it is: an account's name.
        area: Where that account is.
    """
    return jobs.start(WORK, arguments(asked, pins, now), owner=owner, area=area, at=now, name=key(asked, pins), stays_s=STAYS_S)


def arguments(asked: Asked, pins: Pins, now: datetime) -> dict[str, Any]:
    """Return what `run` takes, as plain values; `now` with an offset."""
    return {"asked": asked.as_dict(), "pins": pins._asdict(), "now": now.isoformat()}


def run(work: Work, *, asked: Mapping[str, Any], pins: Mapping[str, Any], now: str) -> dict[str, Any]:
    """Make a study, if it is not there yet; the job's result names it.

    Raises:
        Conflict: If people, network or reports are no longer those of the pins.
        Refusal: As the question's answers do.
    """
    question, at = Asked.of_dict(asked), Pins.of_dict(pins)
    name, studies = key(question, at), Studies(work.home)
    if studies.find(name) is None:
        _make(work, question, at, datetime.fromisoformat(now), studies)
    return {"study": name}


def _make(work: Work, asked: Asked, pins: Pins, now: datetime, studies: Studies) -> None:
    begun, busy = time.perf_counter(), time.process_time()
    work.step("读取登记库和人口", "reading the registry and the people")
    held = _held(work.home, work.database)
    basis = held.basis(asked.demand, on_foot=asked.on_foot)
    basis, shut = _as_pinned(asked, pins, now, basis, held)
    reading_s = time.perf_counter() - begun
    unfinished = studies.begin()
    try:
        making = _Making(work, asked, basis, shut, held, asked.now(now), unfinished)
        about = making.parts()
        about["took_s"] = {"reading": round(reading_s, 3), **making.took_s}
        work.check()
        studies.keep(key(asked, pins), unfinished, {**about, "asked": asked.as_dict(), "pins": pins._asdict(), "made_at": now.isoformat(),
                                                    "seconds": round(time.perf_counter() - begun, 3), "cpu_s": round(time.process_time() - busy, 3)})
    except BaseException:
        studies.drop(unfinished)
        raise
    studies.prune(time.time())


@lru_cache(maxsize=1)
def _held(home: Path, database: str | None) -> Planning:
    """What this process has read of a home: its next job needs only what changed."""
    return Planning(home, Registry.open(home, database=database))


def _as_pinned(asked: Asked, pins: Pins, now: datetime, basis: Basis, held: Planning) -> tuple[Basis, Bits]:
    """Return what a study is figured from as its pins say, and (n,) which sites others found locked."""
    if basis.ground.demand.version != pins.demand:
        raise _changed("people", pins.demand, "人口数据已更换", "the figures of people were replaced")
    if asked.on_foot and (about := planning.network_version(held.registry.home)) != pins.network:
        raise _changed("network", about, "步行路网已更换", "the walking network was replaced")
    atlas = basis.atlas
    if (atlas.version, atlas.committed_at) != (pins.version, pins.committed_at):
        then = held.past(pins.version, pins.committed_at, atlas)
        if then is None:
            raise _changed("version", pins.version, "登记库里没有这一版", "the registry has no such version")
        basis = basis._replace(atlas=then)
    shut = planning.no_way_in(held.registry, basis.atlas, now)
    if pins.found_locked and locked(basis.atlas, shut) != pins.found_locked:
        raise _changed("reports", pins.found_locked, "访客的反馈有了新变化", "what visitors report has changed")
    return basis, shut


def _changed(field: str, value: object, zh: str, en: str) -> Conflict:
    return Conflict(field, value, zh=f"{zh}，请重新提问", en=f"{en}: ask again")


class _Making:
    """One study under way."""

    def __init__(self, work: Work, asked: Asked, basis: Basis, shut: Bits, held: Planning, now: datetime, unfinished: Unfinished) -> None:
        self._work, self._asked, self._basis, self._shut, self._held = work, asked, basis, shut, held
        self._now, self._to = now, unfinished
        self._demonstration: dict[str, int] = {}
        self.took_s: dict[str, float] = {}
        """Seconds by part; the gaps of a whole study are figured beside its coverage."""

    def parts(self) -> dict[str, Any]:
        """Figure and write every part that was asked for; return what is to be said of the whole."""
        asked, basis = self._asked, self._basis
        codes, whole = areas_asked(asked.question, basis.atlas.areas)
        self._progress = Progress(self._work, _PARTS[asked.what], len(codes))
        if asked.what == STUDY:
            self._study(codes, whole)
        elif asked.what == COVERAGE:
            self._progress.step("计算覆盖率", "figuring coverage")
            self._coverage()
        elif asked.what == GAPS:
            self._progress.step("计算服务盲区", "figuring the areas not served")
            self._gaps(basis.outline_of)
        elif asked.what == COMPARE:
            self._progress.step("比较两边", "comparing both sides")
            self._change(codes, whole)
        else:
            self._work.step("逐小时计算", "figuring hour by hour")
            with self._timed("day"):
                self._to.add("day", _json(day(asked.question, basis, self._shut, (codes, whole), self._work.progress)))
        if asked.what != COMPARE:
            marks = drawn.demonstration(pool(asked.question, basis.atlas, self._now, no_way_in=self._shut), basis.atlas)
            self._demonstration = {"sites": int(marks.sum()), "of": len(marks)}
        return {"basis": basis_of(asked.question, basis.ground), "area": whole, "demonstration": self._demonstration,
                "demand_source": {language: source(basis.ground.demand, language) for language in LANGUAGES}}

    def _study(self, codes: Sequence[str], whole: str) -> None:
        """Figure everything: the gaps in a thread of their own, for nearly all the work of both is done outside Python."""
        asked, basis = self._asked, self._basis
        self._progress.step("计算覆盖率和服务盲区", "figuring coverage and the areas not served")
        with ThreadPoolExecutor(1) as beside:
            # its own outlines: a geometry that is prepared for many questions must not be asked by two threads
            gaps = beside.submit(self._gaps, self._held.outlines_beside)
            self._coverage()
            found = pool(asked.question, basis.atlas, self._now, no_way_in=self._shut)
            with self._timed("distances"):
                at = basis.atlas.sites.lonlat[found.rows]
                self._to.add("distances", *(_json(distances(asked.question, found, at, basis.atlas.areas, basis.ground, codes, whole, language))
                                            for language in LANGUAGES))
            answer = gaps.result()
        self._progress.step("绘制地图", "drawing the map")
        with self._timed("map"):
            self._to.add("map", _json(drawn.drawn(answer, found, basis.atlas, basis.areas, basis.outline_of(whole), whole)))

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.took_s[name] = round(time.perf_counter() - begun, 3)
        self._progress.ended(name)

    def _coverage(self) -> None:
        basis = self._basis
        with self._timed("coverage"):
            answer = coverage(self._asked.question, basis.atlas, basis.ground, self._now, outline_of=basis.outline_of, no_way_in=self._shut)
            self._to.add("coverage", *(_json(answer.as_dict(language)) for language in LANGUAGES))

    def _change(self, codes: Sequence[str], whole: str) -> None:
        asked, basis = self._asked, self._basis
        making = Sides(asked.question, self._held.registry, basis.atlas, self._now, no_way_in=self._shut)
        with self._timed("sides"):
            before, after = (self._side(making, field) for field in ("before", "after"))
        with self._timed("change"):
            answer = change(asked.question, before, after, basis.atlas.areas, basis.ground, (codes, whole), self._now,
                            outline_of=basis.outline_of)
        marks = dict(pair for side in (before, after) for pair in zip(side.ids, side.demo.tolist(), strict=True))
        self._demonstration = {"sites": sum(marks.values()), "of": len(marks)}
        points = answer.points()
        self._to.add("change", *(_json({**answer.as_dict(language), "points": points}) for language in LANGUAGES))

    def _side(self, making: Sides, field: str) -> Side:
        side = side_words.understood(field, getattr(self._asked, field), files=False)
        taken = {one for one in self._basis.atlas.sites.text("id") if one}
        return making.of(field, side, scenarios.stated(side, self._basis.areas, taken) if side.points else ())

    def _gaps(self, outline_of: OutlineOf) -> GapsAnswer | None:
        """Figure the gaps; where a study cannot have any, that is said in it, where they alone are asked for, it is refused."""
        basis = self._basis
        try:
            with self._timed("gaps"):
                answer = uncovered(self._asked.gaps_question(), basis.atlas, basis.ground, self._now, outline_of=outline_of,
                                   area_of=basis.areas.finest_of, no_way_in=self._shut, tell=partial(self._progress.within, "gaps"))
                self._to.add("gaps", *_gaps_written(answer))
        except Refusal as refusal:
            if self._asked.what == GAPS:
                raise
            self._to.leave_out("gaps", refusal.words)
            self._progress.ended("gaps")
            return None
        return answer


def _gaps_written(answer: GapsAnswer) -> list[bytes]:
    """Return the public shape in each language; the polygons, which are most of it, are written once, by the library that holds them."""
    polygons = [orjson.Fragment(text) for text in shapely.to_geojson([told.polygon for told in answer.gaps]).tolist()] if answer.gaps else []
    bare = replace(answer, gaps=tuple(told._replace(polygon=_NOTHING) for told in answer.gaps))
    found = []
    for language in LANGUAGES:
        said = bare.as_dict(language)
        for gap, polygon in zip(said["gaps"], polygons, strict=True):
            gap["geometry"] = polygon
        found.append(_json(said))
    return found


def _json(said: Mapping[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_SERIALIZE_NUMPY)
