"""A study's question and method in plain words, once for every file, picture and report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from geodata.study_files.contents import Contents
from locator.typed import BEIJING
from locator.words import Words

WEEKDAYS = (Words("周一", "Mon"), Words("周二", "Tue"), Words("周三", "Wed"), Words("周四", "Thu"), Words("周五", "Fri"), Words("周六", "Sat"),
            Words("周日", "Sun"))
"""Monday first."""
_STATES = {"open": Words("当时开放", "open then"), "open-on-arrival": Words("到达时开放", "open on arrival"),
           "all-day": Words("全天开放", "open all day")}
_TIERS = {"city": Words("市", "city"), "district": Words("区", "district"),
          "street": Words("街道乡镇", "street"), "community": Words("社区", "community")}
_BASES = {
    "radius": Words("直线距离（WGS-84 椭球面上的测地线），恰好在半径上的算已覆盖",
                    "straight line (geodesic on the WGS-84 ellipsoid); exactly on the radius is covered"),
    "straight": Words("步行 5 公里/小时，没有路网，按直线距离 × 1.25 估算",
                      "on foot at 5 km/h; without a walking network, estimated as straight line × 1.25"),
    "network": Words("步行 5 公里/小时，沿路网；附近没有路网的人按直线距离 × 1.25 估算",
                     "on foot at 5 km/h along streets; where no street is near, estimated as straight line × 1.25")}


DEMONSTRATION = "演示数据 Demonstration data"
"""In both languages, whoever reads it."""


_LONGEST_SIDE = 60
MOST_AREAS = 3
"""Of a gap, told by name."""
_LEAST = 0.5
"""People: fewer are none in whole figures."""
BESIDE = 0.01
"""Of the emptiest circle: less outside the area is not worth a word."""


class Said(NamedTuple):
    """One input or rule of a study, and what it was."""

    label: Words
    value: str | float
    """In the language of the contents; a number stays one."""


def area(contents: Contents) -> str:
    """Return the name of the area that was asked of."""
    return str(contents.total.get("name") or contents.name_of(contents.query["area"] or (contents.day or {}).get("area")) or _root(contents))


def _root(contents: Contents) -> str:
    return next((one.words.in_language(contents.language) for one in contents.areas.tree if one.parent is None), "")


def reach(contents: Contents) -> str:
    """Return how far a site serves: ``服务半径 1,000 米``, ``步行 15 分钟``."""
    asked = contents.query
    if asked["radius_m"] is not None:
        words = Words(f"服务半径 {number(asked['radius_m'])} 米", f"service radius {number(asked['radius_m'])} m")
    else:
        words = Words(f"步行 {number(asked['walk_min'])} 分钟", f"{number(asked['walk_min'])} minutes on foot")
    return words.in_language(contents.language)


def when(contents: Contents) -> str:
    """Return at which hours sites count."""
    asked = contents.query
    said = asked["at"] or contents.main.get("as_of") or contents.main.get("date")
    at = datetime.fromisoformat(said) if said else None
    if contents.instants is not None:
        first, second = (f"{one.astimezone(BEIJING):%Y-%m-%d %H:%M}" for one in contents.instants)
        words = Words(f"{first} → {second}", f"{first} → {second}")
    elif at is None:
        words = Words("不计开放时间", "whatever the hours")
    elif contents.day is not None and contents.main is contents.day:
        words = Words(f"{at:%Y-%m-%d} 全天 24 小时", f"the 24 hours of {at:%Y-%m-%d}")
    elif asked["week"]:
        monday = at.date() - timedelta(days=at.weekday())
        words = Words(f"{monday} 起的一周（168 小时）", f"the week from {monday}, 168 hours")
    elif asked["at"] or asked["state"] in ("open", "open-on-arrival"):
        words = Words(f"{at:%Y-%m-%d %H:%M} {WEEKDAYS[at.weekday()].zh}", f"{WEEKDAYS[at.weekday()].en} {at:%Y-%m-%d %H:%M}")
    else:
        words = Words("不计开放时间", "whatever the hours")
    return words.in_language(contents.language)


def bare(contents: Contents) -> Words:
    """Return what ground is called that is not served: of several sites, where so many are not within reach."""
    fold = contents.query["fold"]
    return Words("服务盲区", "areas not served") if fold == 1 else Words("交叉覆盖不足的地方", f"areas that fewer than {fold} sites serve")


def served(contents: Contents) -> Words:
    """Return what people and ground are that are served: of several sites, by at least so many."""
    fold = contents.query["fold"]
    return Words("覆盖", "covered") if fold == 1 else Words("交叉覆盖", f"covered by at least {fold} sites")


def places(contents: Contents) -> Words:
    """Return how many parts of the ground are not served: those that are told one by one, and beside them how many slivers there are."""
    gaps = contents.gaps or {"count": 0, "smaller": {"count": 0}}
    slivers = gaps["smaller"]["count"]
    listed = gaps["count"] - slivers
    beside = Words(f"（另有零星 {slivers:,} 处）", f" (and {slivers:,} slivers)") if slivers else Words("", "")
    return Words(f"{listed:,} 处{beside.zh}", f"{listed:,}{beside.en}")


def what(contents: Contents) -> str:
    """Return which sites were counted, by the filters: ``全部站点``, ``暖心驿站 · 热水``."""
    asked, zh = contents.query, not contents.language.startswith("en")
    names = [contents.vocabulary.term(section, code).words.in_language(contents.language)
             for section in ("kind", "facility", "eligibility") for code in asked[section]]
    if asked["state"]:
        names.append(_STATES[asked["state"]].in_language(contents.language))
    if asked["strict"]:
        names.append("状态未知的不算" if zh else "unknown state left out")
    if asked["verified_only"]:
        names.append("只算核实过的" if zh else "verified only")
    if asked["fold"] > 1:
        names.append(f"至少 {asked['fold']} 个站点" if zh else f"at least {asked['fold']} sites")
    return " · ".join(names) or ("全部站点" if zh else "all sites")


def title(contents: Contents) -> str:
    """Return what a study is about, in one line."""
    return " · ".join(filter(None, (area(contents), _sides(contents), what(contents), reach(contents), when(contents))))


def _sides(contents: Contents) -> str:
    """Return what is compared with what; empty where nothing is, and where both sides are instants, which `when` says."""
    if contents.change is None or contents.instants is not None:
        return ""
    named = [contents.change[name]["what"] for name in ("before", "after")]
    return " → ".join(name if len(name) <= _LONGEST_SIDE else f"{name[:_LONGEST_SIDE - 1]}…" for name in named)


def people(contents: Contents) -> str:
    """Return whose figures of people they are, in one line."""
    told = contents.demand
    unknown = "日期不详" if not contents.language.startswith("en") else "date not stated"
    return ("，" if not contents.language.startswith("en") else ", ").join(filter(None, (told["source"], told["date"] or unknown, told["note"])))


def week(contents: Contents) -> str:
    """Return what covered means in a study of a week; empty where no week is asked for."""
    words = Words("一周里至少有一个小时，够得着的站点开放，就算覆盖；各小时的覆盖率另列",
                  "covered: in at least one hour of the week a site within reach is open; the shares of each hour stand apart")
    return words.in_language(contents.language) if contents.query["week"] else ""


def notes(contents: Contents) -> list[str]:
    """Return what is to be said of a whole answer: hours beyond the table of holidays, areas that are not drawn."""
    said = [(part or {}).get("notes") or () for part in (contents.coverage, contents.change, contents.gaps, contents.day)]
    return list(dict.fromkeys(note for found in said for note in (found.get(contents.language, ()) if isinstance(found, dict) else found)))


def outside(contents: Contents) -> str:
    """Return how much of the emptiest circle lies outside the area; empty where nearly nothing does, or nobody knows."""
    share = (contents.circle or {}).get("outside_share") or 0.0
    if share < BESIDE:
        return ""
    return Words(f"其中约 {share:.0%} 在区域之外", f"about {share:.0%} of it outside the area").in_language(contents.language)


def registry(contents: Contents) -> str:
    """Return which version of the register it was, and of when."""
    if contents.version is None:
        return ""
    when_written = day(contents.committed_at) if contents.committed_at else ""
    words = Words(f"登记库第 {contents.version} 版" + (f"（{when_written}）" if when_written else ""),
                  f"register version {contents.version}" + (f" ({when_written})" if when_written else ""))
    return words.in_language(contents.language)


def demonstration(contents: Contents) -> str:
    """Return, in both languages, that sites are demonstration records, and how many; empty where none is."""
    some, of = contents.demonstration, contents.suitable
    if not some:
        return ""
    if language_zh(contents):
        return f"{DEMONSTRATION}：" + (f"{of:,} 个站点都是虚构或近似的演示记录，不是真实登记" if some == of else
                                          f"{of:,} 个站点中有 {some:,} 个是虚构或近似的演示记录，不是真实登记")
    return f"{DEMONSTRATION}: " + (f"all {of:,} sites are invented or approximate records, none a real one" if some == of else
                                        f"{some:,} of {of:,} sites are invented or approximate records, not real ones")


def method(contents: Contents) -> list[Said]:
    """Return every input and every rule of a study, in the order of a method's page."""
    language = contents.language
    return [Said(label, value.in_language(language) if isinstance(value, Words) else value)
            for label, value in (*_question(contents), *_data(contents), *_rules(contents)) if value not in (None, "")]


def _question(contents: Contents) -> Iterator[tuple[Words, Any]]:
    asked = contents.query
    yield Words("站点", "sites"), demonstration(contents)
    yield Words("区域", "area"), area(contents)
    if asked["by"]:
        yield Words("分列", "by"), _TIERS.get(asked["by"], Words(asked["by"], asked["by"]))
    if asked["radius_m"] is not None:
        yield Words("服务半径（米）", "service radius, metres"), asked["radius_m"]
    else:
        yield Words("步行时间（分钟）", "walk, minutes"), asked["walk_min"]
    yield Words("计入的站点", "sites counted"), what(contents)
    yield Words("至少几个站点", "within reach of at least"), asked["fold"]
    yield Words("开放时间", "hours"), when(contents)
    for name, label in (("before", Words("之前", "before")), ("after", Words("之后", "after"))):
        side = (contents.change or {}).get(name)
        if side:
            version = "" if side["version"] is None else f"，第 {side['version']} 版" if language_zh(contents) else f", version {side['version']}"
            yield label, f"{side['what']}{version}"
    if contents.proposed:
        yield Words("拟建点（WGS-84）", "proposed sites (WGS-84)"), ("；" if language_zh(contents) else "; ").join(contents.proposed)


def _data(contents: Contents) -> Iterator[tuple[Words, Any]]:
    told = contents.demand
    yield Words("登记库版本", "register version"), contents.version
    yield Words("登记库日期", "register date"), _stamp(contents.committed_at)
    if contents.instants is None:
        yield Words("所问时刻", "instant asked about"), _stamp(contents.main.get("as_of"))
    yield Words("人口来源", "people"), told["source"]
    yield Words("人口日期", "date of people"), told["date"] or Words("不详", "not stated")
    yield Words("人口分布", "spread of people"), told["note"]
    yield Words("人口版本", "version of people"), told.get("version")
    yield Words("距离", "distance"), _BASES[contents.basis]
    yield Words("路网版本", "walking network"), contents.network or (Words("没有建立", "none was built") if contents.basis == "straight" else None)
    yield Words("按直线估算的人口", "people estimated by the straight line"), {**(contents.gaps or {}), **contents.total}.get("estimated_people")
    yield Words("按直线估算的面积（km²）", "ground estimated by the straight line, km²"), (contents.gaps or {}).get("estimated_km2")
    yield Words("他人发现锁门、迁走、不存在的站点（版本）", "sites found locked, moved or gone (version)"), contents.found_locked
    yield Words("计算时间", "figured at"), _stamp(contents.made_at)
    yield Words("分析编号", "key"), contents.key


def _rules(contents: Contents) -> Iterator[tuple[Words, Any]]:
    asked = contents.query
    yield Words("人口", "people"), Words("每个人口点整体计入或不计入；点在区域之外的站点也服务区域内的人",
                                       "the people of a point are counted together; sites outside an area serve people inside it")
    if asked["week"]:
        yield Words("一周的覆盖", "covered in a week"), week(contents)
    if contents.total:
        yield Words("比率", "shares"), Words("0 到 1，Excel 显示为百分数", "from 0 to 1; Excel shows them as per cent")
    if contents.hourly or asked["week"]:
        yield Words("开放时间未知", "unknown hours"), Words(
            "两种口径都给出：开放时间未知的站点按关闭计，以及按开放计；只对工作人员开放的时间按关闭计",
            "both readings are given: sites whose hours nobody knows as closed, and as open; time for staff only is closed")
    if contents.gaps is not None or contents.coverage is not None:
        yield Words("面积", "ground"), Words("由圆弧和区域边界精确计算，平面长度误差不超过 0.04 %" if contents.basis != "network" else "按人口格网计",
                                           "from arcs and outlines; lengths on the grid are true to 0.04 %" if contents.basis != "network"
                                           else "that of the people's cells")
    if contents.gaps is not None:
        if contents.basis == "network":
            yield Words("盲区面积", "ground not served"), Words("500 米内有路网处按格点计，其余由圆弧计算",
                                                              "from a lattice where a street is within 500 m, elsewhere from arcs")
            yield Words("沿路网的盲区边界离真边界的最大距离（米）",
                        "edges of areas not served along streets: farthest from the true ones, metres"), asked.get("tolerance_m")
        else:
            yield Words("盲区边界离精确圆弧的最大距离（米）", "edges of areas not served: farthest from the arcs, metres"), asked.get("tolerance_m")
        name, fold = bare(contents), asked["fold"]
        reached = Words("没有合适站点够得着", "that no suitable site reaches") if fold == 1 else Words(
            f"够得着的合适站点不足 {fold} 个", f"that fewer than {fold} suitable sites reach")
        yield name, Words(
            f"区域内{reached.zh}的连通部分，按人口从多到少排列" + ("；只列前几个" if asked.get("top") else ""),
            f"connected parts of the area {reached.en}, most people first" + ("; only the first ones" if asked.get("top") else ""))
        yield Words(f"{name.zh}个数" if fold == 1 else f"{name.zh}，处数", f"{name.en}, count"), contents.gaps["count"]
        small = contents.gaps["smaller"]
        yield Words(f"其中不到 {small['below_people']:g} 人且小于 {small['below_km2']:g} km²、未逐一列出的",
                    f"of them, of fewer than {small['below_people']:g} people and less than {small['below_km2']:g} km², not listed"), small["count"]
        if fold > 1:
            zh, en = ("沿路处取格点", "along streets a point of the lattice") if contents.basis == "network" else (
                "这段距离与真正的最大值相差不超过 1 米", "that distance is within 1 m of the greatest")
            yield Words("最远点", "farthest point"), Words(f"到第 {fold} 近的站点最远，{zh}",
                                                           f"of the {fold} sites nearest to it the last is farthest away: {en}")
    if contents.circle is not None:
        alone = Words("只看最近的一个站点", "of the nearest site alone").in_language(contents.language) if asked["fold"] > 1 else ""
        yield Words("最空旷处", "emptiest circle"), ("；" if language_zh(contents) else "; ").join(filter(None, (alone, outside(contents))))
    for note in notes(contents):
        yield Words("注意", "note"), note
    yield Words("区域边界", "outlines"), Words("随程序提供的区界是近似的，可用 nuanxin areas load 换成正式边界",
                                              "district outlines that come with the program are approximate; nuanxin areas load replaces them")
    yield Words("坐标", "coordinates"), "WGS-84（EPSG:4326）"


def language_zh(contents: Contents) -> bool:
    """Whether texts are Chinese: whatever is not English."""
    return not contents.language.startswith("en")


def _stamp(said: str | None) -> str:
    """Return an instant on Beijing's clock, to the minute."""
    return f"{datetime.fromisoformat(said).astimezone(BEIJING):%Y-%m-%d %H:%M}" if said else ""


def day(said: str) -> str:
    """Return the day of an instant on Beijing's clock."""
    return _stamp(said)[:10]


def number(value: float) -> str:
    """Return a number as people write it: ``1,000``, ``12.5``."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


def people_in(gap: Mapping[str, Any], language: str) -> list[str]:
    """Return the areas that a gap's people are in, those with most first, each with how many; of many the first few, and how many the others have."""
    zh, people = not language.startswith("en"), " 人" if not language.startswith("en") else ""
    shown = gap["areas"][:MOST_AREAS]
    rest = gap["people"] - sum(area["people"] for area in shown)
    told = [f"{area['name']} {area['people']:,.0f}{people}" for area in shown]
    return [*told, *([f"{'其他区域' if zh else 'others'} {rest:,.0f}{people}"] if rest >= _LEAST else [])]
