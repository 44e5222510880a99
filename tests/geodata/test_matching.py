"""What becomes of a row that no key names: reported, merged where there is no doubt, decided by somebody, or new."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import intake, matching
from geodata.areas import Areas
from geodata.headers import Recogniser
from geodata.intake import Intake
from geodata.tables import Row, Table
from locator.errors import BadValue
from locator.sites import Site
from locator.vocabulary import Vocabulary

HEADERS = ("名称", "经度", "纬度", "地址", "电话")
NEAR = ("东城区北新桥街道北宫厅社区服务站", "116.4201", "39.9462", "北小街8号院", "")
"""The site `KNOWN` as another office writes it: 官 as 宫, 12 m away."""


def known(site_id="k1", **fields):
    plain = {"id": site_id, "name": "北官厅社区服务站暖心驿站", "kind": "warm_station", "lon": 116.42, "lat": 39.94627, "address": "北小街8号院",
             "opening_hours": "24/7", "station_code": f"D-{site_id}"}
    return Site(**{**plain, **fields})


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


@pytest.fixture
def read(vocabulary: Vocabulary, areas: Areas):
    """Return a reader of rows under `HEADERS`; the kind is warm_station and the datum wgs84."""
    def reader(*rows, existing=(), match="report", headers=HEADERS, **options) -> Intake:
        table = Table("s.csv", headers, [Row(i, tuple(cells)) for i, cells in enumerate(rows, 2)], spreadsheet=True)
        held = existing if isinstance(existing, dict) else {site.id: site for site in existing}
        return intake.of_table(table, Recogniser(vocabulary), datum="wgs84", vocabulary=vocabulary, areas=areas, kind="warm_station",
                               existing=held, match=match, **options)

    return reader


def after(existing, found):
    assert [str(e) for e in found.errors] == []
    return {**existing, **{site.id: site for site in found.sites}}


# --- report -----------------------------------------------------------------------------------------


def test_a_row_like_a_known_site_is_reported_with_site_distance_and_reasons_and_imported_as_new(read):
    found = read(NEAR, existing=[known()])

    (match,) = found.matches
    assert (match.line, match.site_id, match.name, match.verdict, match.merged) == (2, "k1", "北官厅社区服务站暖心驿站", "same", False)
    assert match.distance_m == pytest.approx(11.6, abs=0.5)
    assert {reason.about for reason in match.reasons} == {"name", "address", "distance"}
    (warning,) = found.warnings
    assert warning.at == "s.csv:2"
    assert "k1" in warning.words.en
    assert "12 m apart" in warning.words.en
    assert "imported as a new site" in warning.words.en
    assert [site.id == "k1" for site in found.sites] == [False]


def test_a_row_like_no_known_site_is_not_reported(read):
    found = read(("朝阳门暖心驿站", "116.43", "39.92", "朝阳门北大街1号", ""), existing=[known()])

    assert (found.matches, found.warnings) == ([], [])


def test_a_row_with_a_key_of_its_own_that_is_like_a_known_site_is_reported_too(read):
    found = read(("Z-9", *NEAR), existing=[known()], headers=("编号", *HEADERS))

    assert [m.site_id for m in found.matches] == ["k1"]


def test_a_row_that_a_key_names_is_not_matched(read):
    found = read(("D-k1", *NEAR), existing=[known(), known("k2", address="别处1号")], headers=("编号", *HEADERS))

    assert found.matches == []
    assert [site.id for site in found.sites] == ["k1"]


def test_rows_of_one_file_that_are_one_site_are_reported_at_the_later_one(read):
    found = read(NEAR, ("别处暖心驿站", "116.5", "39.9", "", ""), ("北官厅社区服务站", "116.4202", "39.9462", "北小街8号院", ""))

    assert [(m.line, m.site_id, m.other_line, m.verdict) for m in found.matches] == [(4, None, 2, "same")]
    assert "line 2" in found.warnings[0].words.en
    assert len(found.sites) == 3


def test_a_possible_duplicate_is_data_without_a_warning(read):
    found = read(("", *NEAR[1:3], "", ""), existing=[known(name="", address=None)])

    assert [m.verdict for m in found.matches] in (["possible"], [])
    assert not [w for w in found.warnings if "known site" in w.words.en]


def test_without_a_look_nothing_is_matched(read):
    assert read(NEAR, existing=[known()], match="new").matches == []


def test_no_other_mode_is_known(read):
    with pytest.raises(BadValue, match="merge"):
        read(NEAR, match="perhaps")


# --- merge ------------------------------------------------------------------------------------------


def test_a_row_that_is_beyond_doubt_a_known_site_changes_that_site_and_an_empty_cell_changes_nothing(read):
    site = known(phone="010-1")

    found = read(NEAR, existing=[site], match="merge")

    (merged,) = found.sites
    assert (merged.id, merged.name, merged.station_code, merged.phone, merged.opening_hours) == ("k1", NEAR[0], "D-k1", "010-1", "24/7")
    assert (merged.lon, merged.lat) == (116.4201, 39.9462)
    assert [m.merged for m in found.matches] == [True]
    assert "merged" in found.warnings[0].words.en


def test_the_word_for_emptying_empties_a_merged_site_too(read):
    assert read((*NEAR[:4], "清空"), existing=[known(phone="010-1")], match="merge").sites[0].phone is None


def test_a_row_that_may_be_either_of_two_sites_is_not_merged(read):
    found = read((*NEAR[:3], "", ""), existing=[known(), known("k2", lat=39.9460)], match="merge")

    assert {m.site_id for m in found.matches} == {"k1", "k2"}
    assert not any(m.merged for m in found.matches)
    assert found.sites[0].id not in ("k1", "k2")


def test_two_rows_are_never_merged_into_one_site(read):
    found = read(NEAR, (NEAR[0], "116.4202", *NEAR[2:]), existing=[known()], match="merge")

    assert [site.id == "k1" for site in found.sites].count(True) == 1
    assert len({site.id for site in found.sites}) == 2


def test_a_site_that_another_row_names_by_its_key_is_not_merged_into(read):
    found = read(("", *NEAR), ("D-k1", "北官厅社区服务站暖心驿站", "", "", "", "010-7"), existing=[known()], match="merge",
                 headers=("编号", *HEADERS))

    assert [site.id == "k1" for site in found.sites] == [False, True]
    assert [(m.line, m.other_line) for m in found.matches] == [(2, 3)]


def test_a_merged_site_keeps_the_source_that_finds_it(read):
    site = known(source="市总", source_id="7")

    found = read((*NEAR, "北新桥街道"), existing=[site], match="merge", headers=(*HEADERS, "来源"))

    assert (found.sites[0].id, found.sites[0].source) == ("k1", "市总")


# --- decisions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("match", matching.MODES)
def test_what_somebody_decided_goes_before_what_was_found(read, match):
    existing = [known(), known("k2", name="别处暖心驿站", lon=116.6)]

    other = read(NEAR, existing=existing, match=match, decisions={2: "k2"})
    own = read(NEAR, existing=existing, match=match, decisions={2: matching.NEW_SITE})

    assert [site.id for site in other.sites] == ["k2"]
    assert own.sites[0].id not in ("k1", "k2")
    assert not [w for w in own.warnings if "k1" in w.words.en]


def test_a_decision_for_no_site_or_for_one_that_another_row_is_is_a_row_error(read):
    nowhere = read(NEAR, existing=[known()], decisions={2: "k404"})
    twice = read(NEAR, NEAR, existing=[known()], decisions={2: "k1", 3: "k1"})

    assert [(e.at, e.value) for e in nowhere.errors] == [("s.csv:2", "k404")]
    assert [(e.at, e.value) for e in twice.errors] == [("s.csv:3", "k1")]
    assert "line 2" in twice.errors[0].words.en


# --- importing again --------------------------------------------------------------------------------


def test_what_somebody_added_to_a_site_since_is_not_undone_by_importing_its_keyless_row_again(read):
    first = read(NEAR, match="new")
    worked_on = {site.id: dataclasses.replace(site, phone="010-9", opening_hours="24/7", status="suspended") for site in first.sites}

    again = read(NEAR, existing=worked_on, match="new")

    assert {site.id: site for site in again.sites} == worked_on


def test_a_draft_that_somebody_has_located_since_stays_where_it_is(read):
    row = ("北官厅社区服务站", "", "", "北小街8号院", "")
    (draft,) = read(row).sites
    located = {draft.id: dataclasses.replace(draft, lon=116.42, lat=39.94, status="active")}

    assert draft.status == "draft"
    assert {s.id: s for s in read(row, existing=located).sites} == located


def test_a_site_that_no_row_names_stays_as_it_is(read):
    existing = {"k1": known(), "k2": known("k2", name="别处", lon=116.6)}

    assert after(existing, read(("D-k1", *NEAR), existing=existing, headers=("编号", *HEADERS)))["k2"] == existing["k2"]


names = st.sampled_from(["北官厅社区服务站", "北宫厅社区服务站", "北新仓社区", "北官厅", ""])
rows = st.tuples(names, st.sampled_from(["116.42", "116.4202", "116.43"]), st.sampled_from(["39.946", "39.9462"]),
                 st.sampled_from(["北小街8号院", "北小街10号", ""]), st.sampled_from(["", "65123456", "清空"]))
sites = st.builds(lambda name, lon, lat, address, phone: known(name=name or "暖心驿站", lon=float(lon), lat=float(lat), address=address or None,
                                                              phone=phone if phone.isdigit() else None),
                  names, st.sampled_from(["116.42", "116.4201", "116.43"]), st.sampled_from(["39.946", "39.9461"]),
                  st.sampled_from(["北小街8号院", "北小街10号", ""]), st.sampled_from(["", "65123456"]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.lists(rows, min_size=1, max_size=5), held=st.lists(sites, max_size=4), match=st.sampled_from(matching.MODES))
def test_importing_the_same_file_again_changes_nothing_in_any_mode(read, file, held, match):
    existing = {f"k{i}": dataclasses.replace(site, id=f"k{i}", station_code=f"D-{i}") for i, site in enumerate(held)}

    once = after(existing, read(*file, existing=existing, match=match))
    twice = after(once, read(*file, existing=once, match=match))

    assert twice == once
    assert len(once) <= len(existing) + len(file)


def test_progress_counts_up_to_all_rows(read):
    told = []

    read(NEAR, NEAR, existing=[known()], match_progress=lambda *at: told.append(at))

    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0
