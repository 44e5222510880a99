"""The tables of a study: what their columns are called, in which unit, how they are written, and their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from geodata.study_files.contents import Contents, Rows
from geodata.study_files.wording import DEMONSTRATION, WEEKDAYS, bare, people_in, served
from locator.words import Words

TEXT, WHOLE, TENTH, SHARE, METRES, KM2, DEGREES = "text", "whole", "tenth", "share", "metres", "km2", "degrees"
_MAYBE = "_if_unknown_open"
COUNTS: Final = {"yes": Words("计入", "counts"), "unknown": Words("开放时间未知", "hours unknown"), "no": Words("当时不开放", "closed then")}
COUNTS_OF_WEEK: Final = {"yes": Words("一周里有确定开放的小时", "surely open in some hour of the week"),
                         "unknown": Words("一周里没有确定开放的小时，有的小时开放时间未知", "surely open in no hour of the week, unknown in some"),
                         "no": Words("一周都不开放", "closed all week")}
"""Of a site, by `counts`."""


class Column(NamedTuple):
    """One column of a table."""

    name: str
    """As in the JSON."""
    zh: str
    """For people, with its unit; a share has none: it is 0 to 1, and shown as per cent."""
    form: str = TEXT
    width: int = 12

    @property
    def header(self) -> str:
        """What stands above it: ``覆盖人口（人） covered``."""
        return f"{self.zh} {self.name}"


class Table(NamedTuple):
    """Rows under columns; a value is a text, a number or None."""

    name: str
    zh: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]

    @property
    def title(self) -> str:
        """Of a sheet: ``服务盲区 gaps``."""
        return f"{self.zh} {self.name}"


_AREAS: Final = (
    Column("code", "区域代码"), Column("name", "区域", width=14), Column("people", "人口（人）", WHOLE, 14),
    Column("covered", "覆盖人口（人）", WHOLE, 16), Column("coverage_share", "覆盖率", SHARE),
    Column("covered_if_unknown_open", "覆盖人口，未知按开放（人）", WHOLE, 20),
    Column("coverage_share_if_unknown_open", "覆盖率，未知按开放", SHARE, 18),
    Column("area_km2", "面积（km²）", KM2), Column("covered_km2", "覆盖面积（km²）", KM2, 14), Column("area_share", "面积覆盖率", SHARE, 14),
    Column("covered_km2_if_unknown_open", "覆盖面积，未知按开放（km²）", KM2, 20),
    Column("area_share_if_unknown_open", "面积覆盖率，未知按开放", SHARE, 20),
    Column("median_m", "一半的人到最近站点不超过（米）", METRES, 18), Column("p90_m", "九成的人到最近站点不超过（米）", METRES, 18),
    Column("median_m_if_unknown_open", "一半的人，未知按开放（米）", METRES, 18),
    Column("p90_m_if_unknown_open", "九成的人，未知按开放（米）", METRES, 18),
    Column("sites", "站点（个）", WHOLE), Column("people_per_site", "每站人口（人/个）", WHOLE, 14),
    Column("single_site_people", "只靠一个站点的人口（人）", WHOLE, 18),
    Column("single_site_people_if_unknown_open", "只靠一个站点的人口，未知按开放（人）", WHOLE, 20),
    Column("emptiest_m", "最空旷处方圆（米）", METRES, 14),
    Column("estimated_people", "按直线估算的人口（人）", WHOLE, 18), Column("note", "说明", width=40))
_CHANGED: Final = (
    Column("code", "区域代码"), Column("name", "区域", width=14), Column("people", "人口（人）", WHOLE, 14),
    *(Column(f"{name}{suffix}", f"{zh}{'，未知按开放' if suffix else ''}{unit}", form, 18)
      for suffix in ("", _MAYBE) for name, zh, unit, form in (
        ("covered_before", "之前覆盖人口", "（人）", WHOLE), ("covered_after", "之后覆盖人口", "（人）", WHOLE),
        ("gained", "新增覆盖人口", "（人）", WHOLE), ("lost", "失去覆盖人口", "（人）", WHOLE),
        ("coverage_share_before", "之前覆盖率", "", SHARE), ("coverage_share_after", "之后覆盖率", "", SHARE))),
    Column("sites_before", "之前站点（个）", WHOLE), Column("sites_after", "之后站点（个）", WHOLE),
    Column("estimated_people", "按直线估算的人口（人）", WHOLE, 18),
    Column("note", "说明", width=40))
_GAPS: Final = (
    Column("rank", "序", WHOLE, 6), Column("people", "未覆盖人口（人）", WHOLE, 16),
    Column("people_if_unknown_open", "未覆盖人口，未知按开放（人）", WHOLE, 20), Column("area_km2", "面积（km²）", KM2),
    Column("area_code", "区域代码"), Column("area_name", "区域", width=14), Column("lon", "最远点经度（WGS-84）", DEGREES, 14),
    Column("lat", "最远点纬度（WGS-84）", DEGREES, 14), Column("farthest_m", "最远点到最近站点（米）", METRES, 16),
    Column("farthest_basis", "量法代码：straight 直线，network 沿路步行，estimate 步行估算", width=16),
    Column("people_in", "人口所在的区域（人）", width=36),
    Column("nearest_site", "最近的站点编号", width=16), Column("nearest_site_name", "最近的站点", width=32),
    Column("landmarks", "盲区内的地标", width=48))
_OF_GAP: Final = ("rank", "people", "people_if_unknown_open", "area_km2", "area_code", "lon", "lat", "farthest_m", "farthest_basis")
_SITES: Final = (
    Column("id", "编号", width=16), Column("name", "名称", width=36), Column("kind", "类别代码", width=14), Column("kind_name", "类别", width=14),
    Column("lon", "经度（WGS-84）", DEGREES, 14), Column("lat", "纬度（WGS-84）", DEGREES, 14), Column("counts", "是否计入代码"),
    Column("counts_name", "是否计入", width=14), Column("record", "记录", width=28))
_BY_SITE: Final = (
    Column("area_code", "区域代码"), Column("area_name", "区域", width=14), Column("change", "变化代码"), Column("change_name", "变化", width=12),
    Column("reading", "口径", width=16), Column("id", "站点编号", width=16), Column("name", "站点", width=36),
    Column("people", "受影响人口（人）", WHOLE, 16), Column("people_by_it_alone", "其中只因它（人）", WHOLE, 16))
_POINTS: Final = (
    Column("lon", "经度（WGS-84）", DEGREES, 14), Column("lat", "纬度（WGS-84）", DEGREES, 14), Column("people", "人口（人）", TENTH, 14),
    Column("area_code", "区域代码"), Column("change", "变化代码"), Column("change_if_unknown_open", "变化代码，未知按开放", width=18))
_DAY: Final = (Column("hour", "时", WHOLE, 6), Column("people", "覆盖人口（人）", WHOLE, 16), Column("share", "覆盖率", SHARE),
               Column("share_if_unknown_open", "覆盖率，未知按开放", SHARE, 20))


def tables(contents: Contents) -> list[Table]:
    """Return the tables that a study has, the method apart; a column that no row fills is left out."""
    found = [Table("areas", "区域", _AREAS if contents.change is None else _CHANGED, _areas(contents))]
    if contents.change is not None:
        found.append(Table("by_site", "因哪些站点", _BY_SITE, list(_by_site(contents))))
        found.append(Table("change_points", "变化的人口点", _POINTS, contents.change.get("points") or ()))
    if contents.gaps is not None:
        found.append(Table("gaps", bare(contents).zh, _gap_columns(contents), gaps(contents)))
    found.append(Table("sites", "站点", _SITES, sites(contents)))
    if contents.distances is not None:
        found.append(_distances(contents))
    if contents.day is not None:
        found.append(Table("hours_of_day", "一天各小时", _DAY, contents.day["hours"]))
    if any("by_hour" in line for line in contents.lines):
        found.append(_hours(contents))
    return [table._replace(columns=_named(_filled(table), contents)) for table in found if table.rows]


def _named(found: Sequence[Column], contents: Contents) -> list[Column]:
    """Return columns under the names that they have in a study of so many sites."""
    return [column if "交叉覆盖" in column.zh else column._replace(zh=column.zh.replace("覆盖", served(contents).zh)) for column in found]


def _gap_columns(contents: Contents) -> Sequence[Column]:
    """Return the columns of areas not served; where several sites are asked for, the site told is not the nearest, and its headers say so."""
    fold = contents.query["fold"]
    if fold == 1:
        return _GAPS
    return [column._replace(zh=column.zh.replace("最近", f"第 {fold} 近").replace("未覆盖", f"不足 {fold} 个站点的")
                            .replace("盲区内", "交叉覆盖不足处内")) for column in _GAPS]


def _filled(table: Table) -> list[Column]:
    held = {name for row in table.rows for name, value in row.items() if value is not None}
    return [column for column in table.columns if column.name in held]


def _areas(contents: Contents) -> list[dict[str, Any]]:
    """Return a line for each area, then the whole where there are several."""
    several = len(contents.lines) > 1
    circles = contents.circles
    return [{**_flat(line), "emptiest_m": circles[line["code"]]["radius_m"] if line["code"] in circles else None}
            for line in (*contents.lines, *([{**contents.total, "name": _whole(contents)}] if several else []))]


def _whole(contents: Contents) -> str:
    name = contents.total["name"]
    return f"合计（{name}）" if not contents.language.startswith("en") else f"total ({name})"


def _flat(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line's figures without what is a list: of those who depend on one site, their number."""
    alone = {f"single_site_people{suffix}": line[f"single_site{suffix}"]["people"] for suffix in ("", _MAYBE) if line.get(f"single_site{suffix}")}
    return {name: value for name, value in line.items() if not isinstance(value, list | dict)} | alone


def gaps(contents: Contents) -> list[dict[str, Any]]:
    """Return a row for each area not served, most people first; `geometry` apart."""
    if contents.gaps is None:
        return []
    rows = []
    for gap in contents.gaps["gaps"]:
        near = gap["nearest_site"] or {}
        rows.append({**{name: gap.get(name) for name in _OF_GAP},
                     "area_name": contents.name_of(gap["area_code"]),
                     "people_in": ("、" if contents.language != "en" else "; ").join(people_in(gap, contents.language)),
                     "nearest_site": near.get("id"), "nearest_site_name": near.get("name"),
                     "landmarks": "、".join(host["name"] for host in gap["hosts"]) or None})
    return rows


def sites(contents: Contents) -> list[dict[str, Any]]:
    """Return a row for each site that suits the question."""
    kinds, language = contents.vocabulary.terms("kind"), contents.language
    named = counts(contents)
    return [{**{name: site.get(name) for name in ("id", "name", "kind", "lon", "lat", "counts")},
             "kind_name": kinds[site["kind"]].words.in_language(language) if site["kind"] in kinds else None,
             "counts_name": named[site["counts"]].in_language(language) if site.get("counts") in named else None,
             "record": DEMONSTRATION if site["demo"] else None} for site in contents.sites]


def counts(contents: Contents) -> Mapping[str, Words]:
    """Return what is said of a site by its `counts`."""
    return COUNTS_OF_WEEK if contents.query.get("week") else COUNTS


def _by_site(contents: Contents) -> Iterator[dict[str, Any]]:
    zh = not contents.language.startswith("en")
    words = {"gained": f"新增{served(contents).zh}" if zh else "gains", "lost": f"失去{served(contents).zh}" if zh else "loses"}
    for line in contents.lines:
        for suffix in ("", _MAYBE):
            reading = reading_words(suffix).in_language(contents.language)
            for change, name in words.items():
                for site in line.get(f"{change}_by{suffix}") or ():
                    yield {"area_code": line["code"], "area_name": line["name"], "change": change, "change_name": name,
                           "reading": reading if contents.hourly else None, **site}


def reading_words(suffix: str) -> Words:
    """Return what a reading of unknown hours is called."""
    return Words("未知按开放", "unknown as open") if suffix else Words("未知按关闭", "unknown as closed")


def _distances(contents: Contents) -> Table:
    """Return a row for each step of metres, the last for all beyond and those without any site.

    It holds the people of the whole, their running share, then the people of each area.
    """
    told = contents.distances or {}
    edges, total, areas = told["edges_m"], told["total"], told["areas"]
    columns = [Column("from_m", "超过（米）", METRES), Column("to_m", "不超过（米）", METRES), Column("people", "人口（人）", WHOLE, 14),
               Column("share_so_far", "累计", SHARE), Column("people_if_unknown_open", "人口，未知按开放（人）", WHOLE, 20),
               *(Column(line["code"], f"{line['name']}（人）", WHOLE, 14) for line in areas)]
    people, so_far = sum(total["people"]), 0.0
    rows = []
    for place, some in enumerate(total["people"]):
        so_far += some
        maybe = total.get("people_if_unknown_open")
        rows.append({"from_m": edges[place], "to_m": edges[place + 1], "people": some, "share_so_far": so_far / people if people else None,
                     "people_if_unknown_open": maybe[place] if maybe else None,
                     **{line["code"]: line["people"][place] if line["people"] else None for line in areas}})
    return Table("distances", "距离", columns, rows)


def _hours(contents: Contents) -> Table:
    """Return a row for each area, reading and day of the week: 24 shares."""
    columns = [Column("code", "区域代码"), Column("name", "区域", width=14), Column("reading", "口径", width=14), Column("day", "星期", width=8),
               *(Column(str(hour), f"{hour} 时", SHARE, 8) for hour in range(24))]
    rows = []
    for line in _with_total(contents):
        for suffix in ("", _MAYBE):
            shares, reading = line.get(f"by_hour{suffix}") or (), reading_words(suffix).in_language(contents.language)
            rows += [{"code": line["code"], "name": line["name"], "reading": reading, "day": WEEKDAYS[day].in_language(contents.language),
                      **{str(hour): shares[day * 24 + hour] for hour in range(24)}} for day in range(len(shares) // 24)]
    return Table("hours", f"一周各小时{served(contents).zh}率", columns, rows)


def _with_total(contents: Contents) -> Rows:
    return (*contents.lines, {**contents.total, "name": _whole(contents)}) if len(contents.lines) > 1 else contents.lines
