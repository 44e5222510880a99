"""A study answers as the question itself does, is made once, and is there whole or not at all."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace

import numpy as np
import pytest
import shapely

from geodata import private, streets
from geodata.areas import Areas
from geodata.jobs import Cancelled, Job, Work
from geodata.scenarios import Sides, stated
from geodata.side_words import understood
from geodata.studies import COMPARE, COVERAGE, DAY, GAPS, STUDY, Asked, Studies, day, running
from locator import earth
from locator.change import change
from locator.coverage import coverage
from locator.errors import Conflict, NotThere
from locator.ground import basis_of, metres_to
from locator.lines import areas_asked
from locator.pool import pool
from locator.questions import CoverageQuestion
from locator.uncovered import uncovered
from tests.conftest import a_site
from tests.geodata.studies.conftest import HERE, NOON, WAIT_S, give_people
from tests.geodata.test_osm import Extract

RADIUS = CoverageQuestion(radius_m=700.0, area=HERE)
AT = replace(RADIUS, at=NOON.replace(second=0))
TREE = Areas.load().tree


def asking(what, question, **more):
    return Asked.at(NOON, what, question, areas=TREE, **more)


def plain(found):
    """Return an answer as JSON gives it back."""
    return json.loads(json.dumps(found))


@pytest.mark.parametrize("question", [RADIUS, AT, replace(RADIUS, walk_min=10.0, radius_m=None)])
def test_a_study_holds_what_the_questions_themselves_answer(desk, question):
    asked = asking(STUDY, question)
    basis = desk.basis(asked)

    study = desk.study(asked)

    for language in ("zh", "en"):
        of_coverage = coverage(question, basis.atlas, basis.ground, NOON, outline_of=basis.outline_of).as_dict(language)
        of_gaps = uncovered(asked.gaps_question(), basis.atlas, basis.ground, NOON, outline_of=basis.outline_of,
                            area_of=basis.areas.finest_of).as_dict(language)
        told = plain(of_coverage)
        assert {**study.part("coverage", language), "as_of": told["as_of"]} == told
        assert {**study.part("gaps", language), "as_of": told["as_of"]} == {**plain(of_gaps), "as_of": told["as_of"]}
    assert study.asked == asked
    assert study.pins == desk.pins(asked)
    assert study.about["basis"] == basis_of(question, basis.ground)


def test_people_are_told_by_their_distance_to_the_nearest_site(desk):
    study = desk.study(asking(STUDY, AT))
    basis = desk.basis(study.asked)
    found = pool(AT, basis.atlas, NOON)

    told = study.part("distances")

    inside = basis.ground.demand.within({HERE, *basis.atlas.areas.subtree(HERE)})
    for name, chosen in (("people", found.sure), ("people_if_unknown_open", found.maybe)):
        metres = metres_to(AT, basis.ground, basis.atlas.sites.lonlat[found.rows][chosen])
        for low, high, people in zip(told["edges_m"], told["edges_m"][1:], told["total"][name], strict=False):
            own = inside & ((metres > low) | (low == 0)) & (metres <= (np.inf if high is None else high))
            assert people == pytest.approx(basis.ground.demand.people[own].sum())
        assert sum(told["total"][name]) == pytest.approx(basis.ground.demand.people[inside].sum())
    assert told["areas"][0]["name"] == "东城区"
    assert study.part("distances", "en")["areas"][0]["name"].startswith("Dongcheng")


def test_the_map_shows_the_same_gaps_with_fewer_corners_and_every_site_that_suits(desk):
    study = desk.study(asking(STUDY, AT))

    shown, exact = study.part("map"), study.part("gaps")["gaps"]

    assert [(gap["rank"], gap["people"]) for gap in shown["gaps"]] == [(gap["rank"], gap["people"]) for gap in exact]
    for gap, whole in zip(shown["gaps"], exact, strict=True):
        drawn, true = shapely.geometry.shape(gap["geometry"]), shapely.geometry.shape(whole["geometry"])
        assert drawn.is_valid
        assert shapely.hausdorff_distance(drawn, true) < 11 / 85_000  # a degree of longitude is 85 km here
        assert shapely.get_num_coordinates(drawn) < shapely.get_num_coordinates(true)
    assert {site["id"]: site["counts"] for site in shown["sites"]} == {
        f"s{number}": ("yes", "yes", "unknown")[number % 3] for number in range(9)}
    west, south, east, north = shown["bounds"]
    assert shapely.geometry.shape(shown["outline"]).within(shapely.box(west, south, east, north).buffer(2e-4))


@pytest.mark.parametrize(("before", "after", "gains"), [
    ("now", "without:s4", False), ("now", "with:116.420,39.890;116.43,39.95", True), ("at:2026-03-04T12:00", "at:2026-03-04T23:00", False)])
def test_a_comparison_holds_who_gains_and_who_loses_and_where(desk, before, after, gains):
    asked = asking(COMPARE, RADIUS, before=before, after=after)
    basis = desk.basis(asked)
    making = Sides(asked.question, desk.registry, basis.atlas, NOON)
    words = [understood("x", said, files=False) for said in (before, after)]
    sides = [making.of("x", one, stated(one, basis.areas, ()) if one.points else ()) for one in words]
    answer = change(asked.question, *sides, basis.atlas.areas, basis.ground, areas_asked(asked.question, basis.atlas.areas), NOON,
                    outline_of=basis.outline_of)

    found = desk.study(asked).part("change", "en")

    assert {**found, "as_of": None} == {**plain(answer.as_dict("en")), "points": plain(answer.points()), "as_of": None}
    total = found["total"]
    assert (total["gained"] > 0, total["lost"] > 0) == (gains, not gains)
    assert sum(point["people"] for point in found["points"] if point["change"] == "gained") == pytest.approx(total["gained"])


@pytest.mark.parametrize(("what", "more"), [(STUDY, {}), (COVERAGE, {}), (GAPS, {}), (DAY, {}),
                                            (COMPARE, {"before": "now", "after": "without:s4"}),
                                            (COMPARE, {"before": "without:s1", "after": "with:116.42,39.89"})])
def test_a_study_says_how_many_of_its_sites_are_demonstration_records(own_desk, what, more):
    own_desk.registry.commit([replace(a_site(number, lon=116.40, lat=39.90, district_code=HERE), demo=True) for number in (1, 4, 30)],
                             who="t", why="t", at=NOON.replace(day=2))
    proposed = "with:" in more.get("after", "")

    about = own_desk.study(asking(what, RADIUS, **more)).about

    assert about["demonstration"] == {"sites": 3, "of": 11 if proposed else 10}


def test_a_study_of_real_sites_says_that_none_is_a_demonstration_record(desk):
    assert desk.study(asking(STUDY, RADIUS)).about["demonstration"] == {"sites": 0, "of": 9}


def test_a_study_that_an_older_program_kept_is_not_found(own_desk):
    study = own_desk.study(asking(COVERAGE, RADIUS))
    kept = own_desk.home / "studies" / study.key / "about.json"
    kept.write_text(json.dumps({name: value for name, value in study.about.items() if name != "format"}))

    assert Studies(own_desk.home).find(study.key) is None


def test_a_comparison_with_a_site_that_is_not_there_is_refused(desk):
    ended = desk.jobs.wait(desk.start(asking(COMPARE, RADIUS, before="now", after="without:s99")).id, WAIT_S)

    assert ended.state == "refused"
    assert (ended.refusals[0].field, ended.refusals[0].value) == ("after", "s99")


def test_a_day_tells_its_hours_as_the_question_itself_does_and_hours_of_the_same_sites_share_a_ground(desk):
    for question in (RADIUS, replace(RADIUS, fold=2)):
        study = desk.study(asking(DAY, question))
        told, basis = study.part("day"), desk.basis(study.asked)

        assert told["date"] == "2026-03-04"
        assert len(told["grounds"]) == 2  # some are open from nine to five, the others always or nobody knows when
        assert [hour["ground"] for hour in told["hours"]] == [int(9 <= hour < 17) for hour in range(24)]
        for hour in (0, 8, 9, 16, 17):
            at = NOON.replace(hour=hour, minute=0, second=0)
            total = coverage(replace(question, at=at), basis.atlas, basis.ground, at, outline_of=basis.outline_of).total.figures
            assert told["hours"][hour]["people"] == pytest.approx(total["covered"])
            assert told["hours"][hour]["share"] == pytest.approx(total["coverage_share"])
            assert told["hours"][hour]["share_if_unknown_open"] == pytest.approx(total["coverage_share_if_unknown_open"])


def test_a_day_tells_the_people_of_every_line_as_the_question_itself_does_at_that_hour(desk):
    for question in (replace(RADIUS, area="110000", by="district"), replace(RADIUS, fold=2, area="110000", by="district")):
        study = desk.study(asking(DAY, question))
        told, basis = study.part("day"), desk.basis(study.asked)

        for hour in (3, 12):
            at = NOON.replace(hour=hour, minute=0, second=0)
            lines = coverage(replace(question, at=at), basis.atlas, basis.ground, at, outline_of=basis.outline_of).lines
            assert [line["code"] for line in told["lines"]] == [line.code for line in lines]
            for ours, line in zip(told["lines"], lines, strict=True):
                assert ours["people"] == line.people
                for name in ("covered", "covered_if_unknown_open"):
                    theirs = line.figures[name]
                    assert (ours[name][hour] if ours[name] else None) == (None if theirs is None else pytest.approx(theirs))
        assert told["lines"][0]["covered"][12] > told["lines"][0]["covered"][3] or question.fold == 2


@pytest.mark.parametrize("question", [RADIUS, replace(RADIUS, fold=2)])
def test_each_ground_of_a_day_is_what_its_open_sites_leave(desk, question):
    study = desk.study(asking(DAY, question))
    told, basis = study.part("day"), desk.basis(study.asked)

    for ground, hour in zip(told["grounds"], (0, 9), strict=True):
        at = NOON.replace(hour=hour, minute=0, second=0)
        total = coverage(replace(question, at=at), basis.atlas, basis.ground, at, outline_of=basis.outline_of).total.figures
        drawn = shapely.geometry.shape(ground["gaps"])
        assert drawn.is_valid
        assert shapely.transform(drawn, lambda lonlat: earth.on_grid(lonlat, epsg=basis.outline_of(HERE).epsg)).area / 1e6 == pytest.approx(
            total["area_km2"] - total["covered_km2"], abs=0.25)
        names = [told["sites"][place]["id"] for place in ground["open"]]
        assert names == [f"s{number}" for number in range(9) if number % 3 == 0 or (number % 3 == 1 and hour == 9)]
        assert [told["sites"][place]["id"] for place in ground["unknown"]] == ["s2", "s5", "s8"]


def test_a_walk_along_streets_is_drawn_as_its_gaps_are_in_a_study_and_in_each_hour(own_desk):
    extract = Extract(own_desk.home / "city.osm.pbf")
    for step in range(-20, 21, 4):
        extract = extract.way((-20, step), (20, step), highway="residential").way((step, -20), (step, 20), highway="residential")
    streets.store(streets.read(extract.write()), own_desk.home)
    walk = replace(RADIUS, radius_m=None, walk_min=8.0)
    study, hours = own_desk.study(asking(STUDY, replace(walk, at=NOON))), own_desk.study(asking(DAY, walk))

    exact = [shapely.geometry.shape(gap["geometry"]) for gap in study.part("gaps")["gaps"]]
    of_map = [shapely.geometry.shape(gap["geometry"]) for gap in study.part("map")["gaps"]]
    noon = shapely.geometry.shape(hours.part("day")["grounds"][1]["gaps"])

    assert study.about["basis"] == hours.about["basis"] == "network"
    assert study.pins.network == streets.about(own_desk.home).version
    assert sum(polygon.area for polygon in of_map) == pytest.approx(sum(polygon.area for polygon in exact), rel=0.01)
    assert shapely.symmetric_difference(noon, shapely.union_all(exact)).area < 0.05 * noon.area


def test_the_same_question_is_answered_once(desk):
    asked = asking(COVERAGE, replace(RADIUS, radius_m=701.0))
    first = desk.study(asked)

    again = desk.start(asked)

    assert desk.jobs.wait(again.id, WAIT_S).result == {"study": first.key}
    assert Studies(desk.home).find(first.key).made_at == first.made_at


def test_a_study_of_a_version_that_was_is_figured_from_that_version(own_desk):
    asked = asking(COVERAGE, RADIUS)
    pins = own_desk.pins(asked)
    before = own_desk.study(asked, pins).part("coverage")
    own_desk.registry.commit([a_site(20, lon=116.42, lat=39.93)], who="t", why="t", at=NOON)
    other = asking(COVERAGE, replace(RADIUS, radius_m=900.0))

    now, then = own_desk.study(other).part("coverage"), own_desk.study(other, pins).part("coverage")

    assert (now["version"], then["version"], before["version"]) == (2, 1, 1)
    assert now["total"]["sites"] - 1 == then["total"]["sites"] == before["total"]["sites"]
    assert now["total"]["covered"] > then["total"]["covered"] >= before["total"]["covered"]


def test_a_process_that_waited_answers_from_what_there_is_now(own_desk):
    asked = asking(COVERAGE, RADIUS)
    first = own_desk.study(asked)
    own_desk.registry.remove(["s4"], who="t", why="t", at=NOON)
    fewer = own_desk.study(asked)
    give_people(own_desk.home, "lon,lat,people\n116.405,39.911,5\n116.41,39.95,6\n")

    others = own_desk.study(asked)

    assert (first.part("coverage")["total"]["sites"], fewer.part("coverage")["total"]["sites"]) == (9, 8)
    assert first.part("coverage")["total"]["people"] == fewer.part("coverage")["total"]["people"]
    assert others.part("coverage")["total"]["people"] == 11.0
    assert len({first.key, fewer.key, others.key}) == 3


def test_what_was_pinned_and_is_gone_is_refused_not_replaced(own_desk):
    asked = asking(COVERAGE, RADIUS)
    pins = own_desk.pins(asked)
    give_people(own_desk.home, "lon,lat,people\n116.41,39.91,5\n")

    for wrong in (pins, own_desk.pins(asked)._replace(version=9), own_desk.pins(asked)._replace(committed_at="2020-01-01")):
        ended = own_desk.jobs.wait(own_desk.start(asked, wrong).id, WAIT_S)
        assert ended.state == "refused"
        assert isinstance(ended.refusals[0], Conflict)
    assert not list((own_desk.home / "studies").glob("*"))


def test_a_part_that_a_study_cannot_have_is_left_out_with_the_reason(desk):
    study = desk.study(asking(STUDY, replace(RADIUS, fold=2, week=True)))

    with pytest.raises(NotThere, match="by the hour"):
        study.part("gaps")
    with pytest.raises(NotThere, match="no such part"):
        study.part("day")
    assert study.part("map")["gaps"] == []
    assert study.part("coverage")["query"]["fold"] == 2


def test_a_study_of_several_sites_has_the_people_whom_fewer_serve_in_its_gaps_and_its_map_says_of_how_many(desk):
    study = desk.study(asking(STUDY, replace(RADIUS, fold=2)))
    gaps, total = study.part("gaps"), study.part("coverage")["total"]

    assert gaps["people"] == pytest.approx(total["people"] - total["covered"])
    assert sum(gap["area_km2"] for gap in gaps["gaps"]) + gaps["smaller"]["area_km2"] == pytest.approx(total["area_km2"] - total["covered_km2"])
    assert {gap["nearest_site"]["nth"] for gap in gaps["gaps"]} == {2}
    assert study.part("map")["fold"] == 2
    assert len(study.part("map")["gaps"]) == len(gaps["gaps"])


def test_an_area_without_an_outline_has_figures_but_no_gaps(desk):
    street = next(area.code for area in desk.basis(asking(COVERAGE, RADIUS)).atlas.areas if not area.has_outline)

    study = desk.study(asking(STUDY, replace(RADIUS, area=street)))
    alone = desk.jobs.wait(desk.start(asking(GAPS, replace(RADIUS, area=street))).id, WAIT_S)

    assert study.part("coverage")["total"]["note"]
    assert study.part("distances")["total"]["people"] is None
    assert not study.has("gaps")
    assert study.part("map")["outline"] is None
    assert alone.state == "refused"


class StopsAt(Work):
    """Work that somebody asks to stop at one of its steps."""

    def __init__(self, home, job, number):
        super().__init__(home, None, job)
        self.steps, self._stop_at = 0, number

    def step(self, zh, en):
        self.steps += 1
        if self.steps == self._stop_at:
            (self._place / "cancel").touch()
        super().step(zh, en)


def test_a_study_that_is_stopped_at_any_step_leaves_nothing(own_desk):
    asked = asking(STUDY, RADIUS)
    arguments = running.arguments(asked, own_desk.pins(asked), NOON)
    for number in (1, 2, 3):
        job = Job(f"stopped{number}", "", "", "", NOON)
        private.folder(private.folder(own_desk.home / "jobs") / job.id)

        with pytest.raises(Cancelled):
            running.run(StopsAt(own_desk.home, job, number), **arguments)

        assert not list((own_desk.home / "studies").glob("*")), number


def test_how_far_the_gaps_of_a_walk_are_is_told_by_area(own_desk):
    extract = Extract(own_desk.home / "city.osm.pbf").way((-20, 0), (20, 0), highway="residential")
    streets.store(streets.read(extract.write()), own_desk.home)
    asked, told = asking(GAPS, CoverageQuestion(walk_min=8.0, by="district")), []
    basis = own_desk.basis(asked)

    uncovered(asked.gaps_question(), basis.atlas, basis.ground, NOON, outline_of=basis.outline_of, area_of=basis.areas.finest_of,
              tell=lambda done, total: told.append((done, total)))

    assert told == [(number, len(told)) for number in range(len(told))]
    assert len(told) == sum(area.has_outline for area in basis.atlas.areas if area.tier == "district")


class Telling(Work):
    """Remembers how far it said it was."""

    def __init__(self, home, job):
        super().__init__(home, None, job)
        self.told = []

    def tell(self, **more):
        super().tell(**more)
        if "total" in more:
            self.told.append((more["done"], more["total"]))


@pytest.mark.parametrize(("what", "parts", "more"), [
    (STUDY, 4, {}), (COVERAGE, 1, {}), (GAPS, 1, {}), (COMPARE, 2, {"before": "now", "after": "without:s1"}),
])
def test_how_far_a_study_is_is_told_by_area_from_none_to_all_and_never_backwards(own_desk, what, parts, more):
    asked = asking(what, CoverageQuestion(radius_m=700.0, by="district"), **more)
    job = Job("telling", "", "", "", NOON)
    private.folder(private.folder(own_desk.home / "jobs") / job.id)
    work = Telling(own_desk.home, job)

    running.run(work, **running.arguments(asked, own_desk.pins(asked), NOON))

    codes, _ = areas_asked(asked.question, own_desk.basis(asked).atlas.areas)
    assert {total for _, total in work.told} == {parts * len(codes)}
    assert [done for done, _ in work.told] == sorted(done for done, _ in work.told)
    assert (work.told[0][0], work.told[-1][0]) == (0, parts * len(codes))


def test_how_far_a_day_is_is_told_by_hour(own_desk):
    asked, told = asking(DAY, RADIUS), []
    basis = own_desk.basis(asked)

    day.day(asked.question, basis, np.zeros(len(basis.atlas.sites), bool), ([HERE], HERE), lambda done, of: told.append((done, of)))

    assert {of for _, of in told} == {24}
    assert told[0] == (0, 24)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1][0] < 24


def test_studies_read_longest_ago_are_cleared_away_first(own_desk):
    studies = Studies(own_desk.home)
    made = [own_desk.study(asking(COVERAGE, replace(RADIUS, radius_m=radius_m))).key for radius_m in (300.0, 400.0, 500.0)]
    folders = [own_desk.home / "studies" / name for name in made]
    for ago, folder in zip((30, 20, 10), folders, strict=True):
        os.utime(folder, (time.time() - ago,) * 2)
    studies.find(made[0])  # read just now

    studies.prune(time.time(), most_bytes=2 * sum(file.stat().st_size for file in folders[0].iterdir()) + 2000)

    assert [studies.find(name) is not None for name in made] == [True, False, True]
    os.utime(folders[0], (time.time() - 40,) * 2)
    studies.prune(time.time(), most=1)
    assert [studies.find(name) is not None for name in made] == [False, False, True]


def test_a_name_that_is_none_is_not_found(desk):
    for name in ("", "..", "../registry", "0" * 31, "G" * 32, "0" * 32):
        assert Studies(desk.home).find(name) is None
