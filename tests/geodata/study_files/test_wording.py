"""What a study's method says of the question, in words that cannot be taken for something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geodata.study_files import columns, wording
from tests import studies


def said(contents):
    return {f"{one.label.zh} {one.label.en}": one.value for one in wording.method(contents)}


def test_the_instant_asked_about_and_the_registers_date_are_told_apart(make_atlas):
    method = said(studies.study(make_atlas))

    assert method["所问时刻 instant asked about"] == "2026-03-04 23:00"
    assert method["登记库日期 register date"] == "2026-03-01 10:00"
    assert "数据时间" not in " ".join(method)


def test_a_gap_across_borders_names_the_areas_of_its_people_with_how_many_and_what_is_left():
    def gap(people, *areas):
        return {"people": people, "areas": [{"code": name, "name": name, "people": some} for name, some in areas]}

    five = gap(1_250.0, ("A", 1_000.0), ("B", 200.0), ("C", 30.0), ("D", 15.0), ("E", 5.0))
    assert wording.people_in(five, "en") == ["A 1,000", "B 200", "C 30", "others 20"]
    assert wording.people_in(five, "zh") == ["A 1,000 人", "B 200 人", "C 30 人", "其他区域 20 人"]
    assert wording.people_in(gap(7.2, ("A", 7.0), ("B", 0.2)), "en") == ["A 7", "B 0"]
    assert wording.people_in(gap(7.0, ("A", 7.0)), "en") == ["A 7"]


def test_every_gap_of_a_city_as_a_whole_tells_all_its_people_by_area(make_atlas):
    found = columns.gaps(studies.study(make_atlas, by=None, language="en"))

    several = [row for row in found if ";" in row["people_in"]]
    assert several
    for row in several:
        told = [float(part.rpartition(" ")[2].replace(",", "")) for part in row["people_in"].split("; ")]
        assert sum(told) == pytest.approx(row["people"], abs=2)
        assert told[:-1] == sorted(told[:-1], reverse=True)


def test_a_week_says_that_covered_means_in_some_hour_of_it(make_atlas):
    week, instant = (said(studies.study(make_atlas, week=week)) for week in (True, False))

    assert "至少有一个小时" in week["一周的覆盖 covered in a week"]
    assert "一周的覆盖 covered in a week" not in instant


def test_where_several_sites_are_asked_for_the_method_and_the_columns_say_of_how_many_and_of_which_the_metres_are(make_atlas):
    several, one = (studies.study(make_atlas, fold=fold) for fold in (2, 1))
    method, (table,) = said(several), [table for table in columns.tables(several) if table.name == "gaps"]

    assert table.zh == "交叉覆盖不足的地方"
    headers = {column.name: column.zh for column in table.columns}
    assert (headers["farthest_m"], headers["nearest_site_name"]) == ("最远点到第 2 近站点（米）", "第 2 近的站点")
    assert "够得着的合适站点不足 2 个" in method["交叉覆盖不足的地方 areas that fewer than 2 sites serve"]
    assert "不超过 1 米" in method["最远点 farthest point"]
    assert method["最空旷处 emptiest circle"].startswith("只看最近的一个站点")
    assert "最远点 farthest point" not in said(one)
    assert not any("第" in column.zh for table in columns.tables(one) if table.name == "gaps" for column in table.columns)


def test_what_several_sites_cover_is_never_called_what_one_covers(make_atlas):
    of_two, of_one = ([column.zh for table in columns.tables(studies.study(make_atlas, fold=fold)) for column in table.columns]
                      for fold in (2, 1))

    assert [name for name in of_two if "覆盖" in name and "交叉覆盖" not in name] == []
    assert {"交叉覆盖率", "交叉覆盖人口（人）", "面积交叉覆盖率"} <= set(of_two)
    assert "覆盖率" in of_one
    assert not any("交叉" in name for name in of_one)


def test_the_places_not_served_are_counted_as_the_page_counts_them_with_the_slivers_beside(make_atlas):
    found = studies.study(make_atlas)
    some = replace(found, gaps={**found.gaps, "count": 34, "smaller": {**found.gaps["smaller"], "count": 23}})

    assert (wording.places(some).zh, wording.places(some).en) == ("11 处（另有零星 23 处）", "11 (and 23 slivers)")
    assert wording.places(replace(found, gaps={**some.gaps, "count": 11, "smaller": {**some.gaps["smaller"], "count": 0}})).zh == "11 处"


@pytest.mark.parametrize(("week", "unknown"), [(True, "一周里没有确定开放的小时，有的小时开放时间未知"), (False, "开放时间未知")])
def test_a_site_of_unknown_hours_says_whether_that_is_of_an_instant_or_of_a_week(make_atlas, week, unknown):
    sites = columns.sites(studies.study(make_atlas, week=week))

    assert {site["counts_name"] for site in sites if site["counts"] == "unknown"} == {unknown}


@pytest.mark.parametrize("which", [studies.study, studies.comparison, studies.hours])
def test_a_column_of_shares_has_no_per_cent_in_its_header_for_its_values_are_from_0_to_1(make_atlas, which):
    shares = [(table, column) for table in columns.tables(which(make_atlas)) for column in table.columns if column.form == columns.SHARE]

    assert shares
    for table, column in shares:
        assert "%" not in column.header
        assert all(-1e-12 <= row[column.name] <= 1 + 1e-12 for row in table.rows if row.get(column.name) is not None)


def test_what_a_whole_answer_has_to_note_stands_once_in_the_method(make_atlas):
    study = studies.study(make_atlas)
    note = "节假日表只有 2024-01-01 至 2026-12-31"

    noted = replace(study, coverage={**study.coverage, "notes": [note]}, gaps={**study.gaps, "notes": [note, "另一句"]})
    of_a_day = replace(studies.hours(make_atlas), day={**studies.hours(make_atlas).day, "notes": {"zh": [note], "en": ["a note"]}})

    assert wording.notes(noted) == [note, "另一句"]
    assert wording.notes(of_a_day) == [note]
    assert wording.notes(replace(of_a_day, language="en")) == ["a note"]
    assert [one.value for one in wording.method(noted) if one.label.zh == "注意"] == [note, "另一句"]


@pytest.mark.parametrize(("share", "words"), [(0.43, "其中约 43% 在区域之外"), (0.004, ""), (None, "")])
def test_an_emptiest_circle_over_the_border_says_how_much_of_it_lies_outside(make_atlas, share, words):
    study = studies.study(make_atlas)
    circle = {**study.gaps["emptiest_circle"], "outside_share": share}

    assert wording.outside(replace(study, gaps={**study.gaps, "emptiest_circle": circle})) == words
