"""The sides of a comparison: what the registry was on a day, without some sites, with proposed ones, at another hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from geodata import proposals, scenarios, side_words, snapshot, vocabulary
from geodata.areas import Areas
from geodata.registry import Registry
from geodata.reporting import NewReport
from geodata.scenarios import Sides
from geodata.side_words import Scenario, understood
from locator.errors import BadFile, BadTime, BadValue, NotThere
from locator.filters import Filters
from locator.questions import CoverageQuestion
from locator.sides import Proposal
from locator.typed import BEIJING
from tests.conftest import a_site

WORDS = vocabulary.load()
JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 10, 9, tzinfo=BEIJING) for month in (1, 2, 3))
QUESTION = CoverageQuestion(radius_m=500.0)


@pytest.fixture
def registry(tmp_path):
    """Two sites in January; in February one has moved, one has gone, one has come."""
    with Registry.open(tmp_path / "home", create=True) as opened:
        opened.commit([a_site(1), a_site(2)], who="t", why="t", at=JANUARY)
        opened.commit([replace(a_site(1), lon=116.5), a_site(3)], who="t", why="t", at=FEBRUARY)
        opened.remove(["s2"], who="t", why="t", at=FEBRUARY + timedelta(hours=1))
        yield opened


def sides(registry, question=QUESTION, now=MARCH):
    return Sides(question, registry, snapshot.atlas(registry), now)


# --- days ---------------------------------------------------------------------------------------------


def test_a_day_is_the_registry_at_its_end_and_an_instant_the_registry_then(registry):
    places = {f"s{number}": a_site(number).lon for number in (1, 2)}

    for on in (date(2026, 1, 10), date(2026, 2, 9), JANUARY, FEBRUARY - timedelta(seconds=1)):
        side = sides(registry).of("A", Scenario("day", on=on))
        assert dict(zip(side.ids, side.lonlat[:, 0].tolist(), strict=True)) == places
        assert side.version == 1
    after = sides(registry).of("A", Scenario("day", on=date(2026, 2, 10)))
    assert dict(zip(after.ids, after.lonlat[:, 0].tolist(), strict=True)) == {"s1": 116.5, "s3": a_site(3).lon}
    assert sides(registry).of("A", Scenario("day", on=FEBRUARY)).ids == ("s1", "s2", "s3")


def test_an_atlas_of_a_day_holds_what_the_registry_tells_of_that_day(registry):
    today = snapshot.atlas(registry)

    then = snapshot.as_it_was(registry, date(2026, 1, 31), today)

    assert list(then.sites) == list(registry.sites(on=date(2026, 1, 31)))
    assert then.version == 1
    assert snapshot.as_it_was(registry, MARCH, today) is today
    assert snapshot.as_it_was(registry, date(2026, 1, 9), today) is None


def test_a_day_before_the_registry_began_is_refused_and_the_first_is_named(registry):
    with pytest.raises(BadTime, match="2026-01-10") as refused:
        sides(registry).of("A", Scenario("day", on=date(2026, 1, 9)))

    assert "2026-01-10" in refused.value.words.en


def test_a_day_that_has_not_come_is_refused(registry):
    sides(registry).of("A", Scenario("day", on=MARCH.date()))
    for on in (date(2026, 3, 11), MARCH + timedelta(minutes=1)):
        with pytest.raises(BadTime, match="not come"):
            sides(registry).of("A", Scenario("day", on=on))


def test_an_empty_registry_has_no_past(tmp_path):
    with Registry.open(tmp_path / "home", create=True) as empty, pytest.raises(BadTime, match="empty"):
        sides(empty).of("A", Scenario("day", on=date(2026, 1, 9)))


def test_what_others_found_counts_from_the_day_they_found_it(registry):
    question = CoverageQuestion(radius_m=500.0, at=MARCH)
    found = datetime(2026, 3, 5, 10, tzinfo=BEIJING)
    for token in "ab":
        registry.reports.file("s1", NewReport("locked", found, token=token * 20), now=found)
    atlas = snapshot.atlas(registry)
    making = Sides(question, registry, atlas, MARCH)

    for on, surely in ((date(2026, 3, 4), True), (date(2026, 3, 5), False)):
        side = making.of("A", Scenario("day", on=on))
        assert side.sure[side.ids.index("s1")] == surely
        assert side.maybe.all()
    today = making.of("B", Scenario("now"))
    assert not today.sure[today.ids.index("s1")]


# --- without and with ---------------------------------------------------------------------------------


def test_a_site_that_is_not_there_is_refused_with_the_nearest_id(registry):
    with pytest.raises(NotThere, match=r"the nearest is s[13]") as refused:
        sides(registry).of("B", Scenario("without", ids=("s1", "s9")))

    assert (refused.value.field, refused.value.value) == ("B", "s9")
    with pytest.raises(NotThere) as refused:
        sides(registry).of("B", Scenario("without", ids=("完全不像",)))
    assert "nearest" not in refused.value.words.en


def test_what_the_question_does_not_count_anyway_is_told_apart(registry):
    making = sides(registry, CoverageQuestion(Filters(kinds=("toilet",)), radius_m=500.0))

    assert making.uncounted(Scenario("without", ids=("s1",))) == ("s1",)
    assert sides(registry).uncounted(Scenario("without", ids=("s1", "s3"))) == ()


def test_without_and_with_change_todays_registry(registry):
    making = sides(registry)

    assert making.of("B", Scenario("without", ids=("s1",))).ids == ("s3",)
    joined = making.of("B", Scenario("with", path=Path("x/p.csv")), (Proposal("p", "新", 116.4, 39.9),))
    assert joined.ids == ("s1", "s3", "p")
    assert joined.words.en == "with 1 of p.csv"


def test_points_that_are_stated_lie_in_their_areas_and_have_ids_of_their_own(registry):
    proposed = scenarios.stated(Scenario("with", points=((116.41, 39.92), (0.0, 0.0))), Areas.load(), {"new-1", "s1"})

    assert [(one.id, one.lon, one.area_codes[:1]) for one in proposed] == [("new-2", 116.41, ("110101",)), ("new-3", 0.0, ())]
    assert [one.name for one in proposed] == ["拟建点 1 (new 1)", "拟建点 2 (new 2)"]
    named = scenarios.stated(Scenario("with", points=((116.41, 39.92), (0.0, 0.0)), names=("", "海上")), Areas.load(), ())
    assert [one.name for one in named] == ["拟建点 1 (new 1)", "海上"]
    assert sides(registry).of("B", Scenario("with", points=((116.41, 39.92), (0.0, 0.0))), proposed).words.en == "with 2 proposed"


# --- another hour -------------------------------------------------------------------------------------


def test_a_side_at_an_hour_is_the_sites_of_now_that_are_open_then(registry):
    registry.commit([replace(a_site(1), opening_hours="Mo-Su 08:00-20:00")], who="t", why="t", at=MARCH - timedelta(hours=1))
    noon, night = understood("A", "at:2026-03-10T12:00"), understood("B", "at:2026-03-10T23:00")

    question = scenarios.asked_hourly(QUESTION, (noon, Scenario("now")), MARCH)
    making = sides(registry, question)
    before, after = making.of("A", noon), making.of("B", night)

    assert question.at == MARCH
    assert (dict(zip(before.ids, before.sure.tolist(), strict=True)), before.hourly) == ({"s1": True, "s3": True}, True)
    assert dict(zip(after.ids, after.sure.tolist(), strict=True)) == {"s1": False, "s3": True}
    assert making.of("A", Scenario("now")).hourly  # so that both sides tell the same figures
    for both in ((Scenario("now"),) * 2, (noon, night)):
        assert scenarios.asked_hourly(QUESTION, both, MARCH) is QUESTION


def test_an_hour_does_not_go_with_a_whole_week():
    with pytest.raises(BadValue, match="week"):
        scenarios.asked_hourly(CoverageQuestion(radius_m=1.0, week=True), (Scenario("at", on=MARCH), Scenario("now")), MARCH)


# --- files of proposed points -------------------------------------------------------------------------


def proposed(tmp_path, text, *, datum="wgs84", taken=()):
    (tmp_path / "p.csv").write_text(text, "utf-8")
    return proposals.read(tmp_path / "p.csv", Areas.load(), vocabulary=WORDS, datum=datum, taken=taken)


def test_points_are_read_with_id_name_and_the_area_they_lie_in(tmp_path):
    read = proposed(tmp_path, "id,name,lon,lat\np1,新点,116.45,39.92\n,,116.30,39.98\n")

    assert read.errors == []
    assert read.proposals == (Proposal("p1", "新点", 116.45, 39.92, ("110105",)), Proposal("new-3", "new-3", 116.30, 39.98, ("110108",)))


def test_points_in_another_datum_are_brought_to_wgs84(tmp_path):
    (one,) = proposed(tmp_path, "id,lon,lat\np1,116.45,39.92\n", datum="gcj02").proposals

    assert (one.lon, one.lat) == pytest.approx((116.4438, 39.9187), abs=2e-4)


@pytest.mark.parametrize(("text", "said"), [
    ("id,lon,lat\np1,116.4,95\n", "p.csv:2"), ("id,lon,lat\np1,,39.9\n", "p.csv:2"), ("id,lon,lat\np1,116.4,39.9\np1,116.4,39.8\n", "p.csv:3"),
    ("id,lon,lat\np1,116.4,39.9\ns1,116.4,39.8\n", "p.csv:3"), ("id,name\np1,x\n", "p.csv")])
def test_a_wrong_row_keeps_all_out_and_is_named(tmp_path, text, said):
    read = proposed(tmp_path, text, taken={"s1"})

    assert read.proposals == ()
    assert [error.at.split(" ")[0].startswith(said) for error in read.errors] == [True]


def test_a_file_without_a_row_is_refused(tmp_path):
    with pytest.raises(BadFile):
        proposed(tmp_path, "id,lon,lat\n")


def test_a_side_that_is_a_result_is_none_of_the_registry(registry):
    with pytest.raises(ValueError, match="result"):
        sides(registry).of("A", Scenario(side_words.RESULT, path=Path("a.json")))
