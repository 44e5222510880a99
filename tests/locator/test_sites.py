from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import locator.sites
from geodata import vocabulary
from locator.sites import FIELDS, Site, Sites
from tests.strategies import site_lists

VOCABULARY = vocabulary.load()
few = settings(max_examples=30)


def table(records):
    return Sites.of(records, VOCABULARY)


@few
@given(site_lists())
def test_a_record_comes_out_of_the_table_as_it_went_in(records):
    sites = table(records)

    assert list(sites) == records
    assert len(sites) == len(records)


@few
@given(site_lists())
def test_the_table_does_not_depend_on_how_many_records_are_gathered_at_a_time(records):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locator.sites, "_BLOCK", 2)
        assert list(table(iter(records))) == records


@few
@given(site_lists())
def test_every_row_has_the_timetable_of_its_record(records):
    sites = table(records)

    assert list(sites.timetables) == [record.timetable for record in records]
    assert len(set(sites.timetables.values)) == len(sites.timetables.values)


@few
@given(site_lists(), st.data())
def test_a_table_of_some_rows_holds_their_records_in_that_order(records, data):
    rows = data.draw(st.lists(st.integers(0, len(records) - 1), max_size=10)) if records else []

    taken = table(records).take(np.array(rows, np.intp))

    assert list(taken) == [records[row] for row in rows]
    assert list(taken.timetables) == [records[row].timetable for row in rows]


@few
@given(site_lists(), site_lists())
def test_a_table_followed_by_another_holds_both(above, below):
    both = table(above).followed_by(table(below))

    assert list(both) == above + below
    assert list(both.timetables) == [record.timetable for record in above + below]


@few
@given(site_lists(most=6), site_lists(most=4), st.data())
def test_changing_a_table_is_the_same_as_building_it_again(records, others, data):
    ids = [record.id for record in records]
    replaced = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    dropped = data.draw(st.lists(st.sampled_from([*ids, "nobody"]), unique=True))
    changed = [Site(**{**_fields(o), "id": i}) for o, i in zip(others, replaced, strict=False)]
    changed += [o for o in others if o.id not in {*ids, *replaced}]

    after = table(records).with_changes(changed, VOCABULARY, dropped=dropped)

    expected = {record.id: record for record in records if record.id not in dropped}
    expected |= {record.id: record for record in changed}
    assert list(after) == list(expected.values())
    assert list(after.timetables) == [record.timetable for record in after]


@few
@given(site_lists(), st.data())
def test_replacing_records_in_place_keeps_every_other_row_and_shares_what_stays_equal(records, data):
    changed = [dataclasses.replace(r, phone="010-1", facilities={"water": "yes"})
               for r in data.draw(st.lists(st.sampled_from(records), unique_by=lambda r: r.id))] if records else []
    before = table(records)

    after = before.with_changes(changed, VOCABULARY)

    latest = {record.id: record for record in changed}
    assert list(after) == [latest.get(record.id, record) for record in records]
    assert after.text("id") is before.text("id")
    assert after.timetables is before.timetables
    assert list(before) == records


def test_a_change_without_changes_keeps_every_row():
    records = [Site(id=str(i), name=f"站{i}", kind="warm_station") for i in range(3)]

    assert list(table(records).with_changes([], VOCABULARY)) == records


@few
@given(site_lists())
def test_a_site_is_found_by_its_id(records):
    sites = table(records)

    assert [sites.row_of(record.id) for record in records] == list(range(len(records)))
    assert sites.row_of("no such id \x01") is None


@few
@given(site_lists())
def test_levels_of_a_facility_say_what_each_record_says_and_absent_is_unknown(records):
    sites = table(records)

    for code in ("water", "toilet"):
        said = {None: 0, "no": 1, "limited": 2, "yes": 3}
        assert sites.levels(code).tolist() == [said[record.facilities.get(code)] for record in records]


@few
@given(site_lists())
def test_having_a_value_is_what_each_record_says(records):
    sites = table(records)

    assert sites.has("status", ["active"]).tolist() == [r.status == "active" for r in records]
    assert sites.has("kind", ["warm_station", "water_point"]).tolist() == [
        r.kind in ("warm_station", "water_point") for r in records]
    assert not sites.has("host", []).any()


def test_an_empty_table_answers_like_any_other():
    sites = table([])

    assert list(sites) == []
    assert sites.lonlat.shape == (0, 2)
    assert not len(sites.timetables.values)
    assert list(sites.with_changes([Site(id="a", name="站", kind="warm_station")], VOCABULARY).text("id")) == ["a"]


def test_a_site_not_yet_located_has_no_coordinates_rather_than_zeros():
    sites = table([Site(id="a", name="待定位", kind="warm_station"),
                   Site(id="b", name="在", kind="warm_station", lon=116.4, lat=39.9)])

    assert sites.located.tolist() == [False, True]
    assert np.isnan(sites.lonlat[0]).all()
    assert sites.site(0).lon is None


def test_an_unknown_facility_is_refused_where_it_would_be_lost():
    with pytest.raises(KeyError, match="jacuzzi"):
        table([Site(id="a", name="站", kind="warm_station", facilities={"jacuzzi": "yes"})])


def _fields(record):
    return {name: getattr(record, name) for name in FIELDS}
