"""The maps of a study: ground not served, two hours of a day side by side in one, who gains and who loses.

Equidistant about the middle of the area, north up. What is drawn is the study's own: no base map is under it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from geodata.study_files import columns, layers, palette, wording
from geodata.study_files.contents import Contents
from geodata.study_pictures.ground import NUMBERED, around, borders, bounds, draw, frame, numbers, point_size, sites
from geodata.study_pictures.panel import PANEL, class_words, mark, panel, shares, swatch
from geodata.study_pictures.sheet import Sheet, Size
from locator.errors import NotThere
from locator.pool import MAYBE
from locator.words import Words

_NAMES: Final = {"yes": Words("计入的站点", "sites that count"), "unknown": Words("开放时间未知的站点", "sites whose hours are unknown"),
                 "no": Words("当时不开放的站点", "sites closed then")}
_MOST_SITES: Final = 1_500
"""Of a map whose matter is ground."""


def gaps(contents: Contents, size: Size, words: str) -> tuple[Sheet, str]:
    """Where nobody is served, by people, with the sites, the emptiest circle and the largest gaps numbered."""
    if contents.gaps is None:
        raise _none("map")
    told = contents.map or {"bounds": None, "sites": (), "gaps": contents.gaps["gaps"], "circle": contents.circle}
    total, fold = contents.total, contents.query["fold"]
    bare = wording.bare(contents)
    many = wording.places(contents)
    headline = Words(f"{bare.zh} {many.zh}，其中 {contents.gaps['people']:,.0f} 人",
                     f"{bare.en[:1].upper()}{bare.en[1:]}: {many.en}, with {contents.gaps['people']:,.0f} people")
    if f"coverage_share{MAYBE}" in total:
        headline = Words(f"{headline.zh}（开放时间未知的按关闭计）", f"{headline.en} (unknown hours as closed)")
    named = columns.COUNTS_OF_WEEK if contents.query["week"] else _NAMES
    sheet, axes = _sheet(contents, size, headline, words, told)
    limits = palette.breaks(max((gap["people"] for gap in told["gaps"]), default=0.0))
    for gap in sorted(told["gaps"], key=lambda one: one["rank"]):
        draw(axes, gap["geometry"], facecolor=palette.shade(gap["people"], limits), edgecolor=palette.GAP_EDGE, linewidth=0.5, alpha=0.85,
              zorder=2)
    kinds = sites(axes, told["sites"], size)
    borders(axes, contents, numbers(axes, told["gaps"]))
    if told["circle"]:
        circle = told["circle"]
        outline = layers.circle(circle["lon"], circle["lat"], circle["radius_m"]).exterior.coords
        axes.plot(*np.array(outline).T, color=palette.CIRCLE, linewidth=1.6, linestyle=(0, (5, 3)), zorder=6)
        axes.plot(circle["lon"], circle["lat"], marker="P", color=palette.CIRCLE, markersize=7, markeredgecolor="#ffffff", zorder=6)
    entries: list[Any] = [swatch(palette.RAMP[place], label) for place, label in enumerate(class_words(sheet, limits))] if told["gaps"] else []
    entries += [mark(kind, named[kind].in_language(contents.language)) for kind in reversed(kinds)]
    if told["circle"]:
        beyond = wording.outside(contents)
        radius = f"{told['circle']['radius_m']:,.0f}"
        entries.append(Line2D([], [], color=palette.CIRCLE, linewidth=1.6, linestyle=(0, (5, 3)),
                              label=sheet.words(f"最空旷处：方圆 {radius} 米内没有站点", f"emptiest circle: no site within {radius} m")
                              + (sheet.words(f"，{beyond}", f", {beyond}") if beyond else "")))
    figures = shares(sheet, total) if total else []
    ranked = [f"{gap['rank']}  {contents.name_of(gap['area_code'])}  " + sheet.words(f"{gap['people']:,.0f} 人", f"{gap['people']:,.0f}")
              for gap in contents.gaps["gaps"][:NUMBERED]]
    panel(sheet, figures, sheet.words(f"{bare.zh}人口" if fold == 1 else f"{bare.zh}，人口", f"people in {bare.en}"), entries, ranked,
          "" if fold == 1 else sheet.words("其中人口最多的", "those with most people"))
    return sheet, sheet.words("地图：", "Map: ") + headline.in_language(contents.language) + "。" * sheet.zh + " ".join(ranked)


def hours(contents: Contents, size: Size, words: str, first: int, second: int) -> tuple[Sheet, str]:
    """What is served at one hour of a day and not at another: "covered at noon, not at 23:00"."""
    told = contents.day
    if told is None:
        raise _none("map")
    by_hour = {one["hour"]: one for one in told["hours"]}
    if first not in by_hour or second not in by_hour:
        raise NotThere("hours", f"{first},{second}", zh="应为这一天里的两个小时，如 12,23", en="must be two hours of this day, such as 12,23")
    bare = [shapely.make_valid(shapely.geometry.shape(told["grounds"][by_hour[hour]["ground"]]["gaps"])) for hour in (first, second)]
    only_first, only_second, neither = bare[1].difference(bare[0]), bare[0].difference(bare[1]), bare[0].intersection(bare[1])
    people = [by_hour[hour]["people"] or 0.0 for hour in (first, second)]
    served = wording.served(contents)
    headline = Words(f"{first} 时{served.zh} {people[0]:,.0f} 人，{second} 时{served.zh} {people[1]:,.0f} 人",
                     f"{people[0]:,.0f} people are {served.en} at {first}:00, {people[1]:,.0f} at {second}:00")
    sheet, axes = _sheet(contents, size, headline, words, contents.map or {**told, "bounds": bounds(contents, told)})
    looks = ((only_first, palette.SERVED, "", Words(f"{first} 时有服务，{second} 时没有", f"served at {first}:00, not at {second}:00")),
             (only_second, palette.UNKNOWN, "....", Words(f"{second} 时有服务，{first} 时没有", f"served at {second}:00, not at {first}:00")),
             (neither, palette.NOT_SERVED, "////", Words("两个时刻都没有服务", "not served at either hour")))
    entries: list[Any] = []
    for shape, colour, hatch, label in looks:
        if not shape.is_empty:
            draw(axes, shapely.geometry.mapping(shape), facecolor=colour, edgecolor="#ffffff", hatch=hatch, linewidth=0.0, alpha=0.8,
                  zorder=2)
            entries.append(Patch(facecolor=colour, edgecolor="#ffffff", hatch=hatch, label=label.in_language(contents.language)))
    borders(axes, contents)
    places = [set(told["grounds"][by_hour[hour]["ground"]]["open"]) for hour in (first, second)]
    drawn = [{**site, "counts": "yes" if number in places[0] & places[1] else "unknown"} for number, site in enumerate(told["sites"])
             if number in places[0] | places[1]]
    kinds = sites(axes, drawn, size) if len(drawn) <= _MOST_SITES else []  # else they would hide the ground
    named = {"yes": Words("两个时刻都开放", "open at both hours"), "unknown": Words("只在其中一个时刻开放", "open at one of them")}
    entries += [mark(kind, named[kind].in_language(contents.language)) for kind in reversed(kinds)]
    figures = [(f"{by_hour[hour]['share'] or 0:.1%}", sheet.words(f"{hour} 时{served.zh}率", f"{served.en} at {hour}:00"))
               for hour in (first, second)]
    panel(sheet, figures, "", entries, [])
    return sheet, sheet.words("地图：", "Map: ") + headline.in_language(contents.language)


def change(contents: Contents, size: Size, words: str) -> tuple[Sheet, str]:
    """Who gains and who loses, point by point; larger where more people are."""
    told = contents.change
    if told is None:
        raise _none("map")
    total, points = contents.total, told.get("points") or []
    served = wording.served(contents).zh
    headline = Words(f"{total['gained'] or 0:,.0f} 人新增{served}，{total['lost'] or 0:,.0f} 人失去{served}",
                     f"{total['gained'] or 0:,.0f} people gain, {total['lost'] or 0:,.0f} lose")
    sheet, axes = _sheet(contents, size, headline, words, {"bounds": around(points) or bounds(contents, None)})
    borders(axes, contents)
    most = max((point["people"] for point in points), default=1.0) or 1.0
    entries: list[Any] = []
    for way, marker, colour, label in (("gained", "^", palette.SERVED, Words(f"新增{served}的人", "who gains")),
                                       ("lost", "s", palette.LOST, Words(f"失去{served}的人", "who loses"))):
        own = [point for point in points if point["change"] == way]
        if own:
            place = np.array([(point["lon"], point["lat"]) for point in own])
            sizes = point_size(len(points), size) * (0.35 + 0.65 * np.sqrt([point["people"] / most for point in own]))
            axes.scatter(place[:, 0], place[:, 1], s=sizes, marker=marker, c=colour, linewidths=0, alpha=0.8, zorder=4)
            entries.append(Line2D([], [], marker=marker, color=colour, linestyle="", markersize=7, label=label.in_language(contents.language)))
    named = [(site, way) for way in ("gained", "lost") for site in total.get(f"{way}_by") or ()][:5]
    ranked = [f"{'+' if way == 'gained' else '−'}{site['people']:,.0f}  {site['name']}" for site, way in named]
    figures = [(f"+{total['gained']:,.0f}" if total["gained"] else "0", sheet.words(f"新增{served}（人）", "people gain")),
               (f"−{total['lost']:,.0f}" if total["lost"] else "0", sheet.words(f"失去{served}（人）", "people lose"))]
    panel(sheet, figures, "", entries, ranked, sheet.words("因哪些站点（人）", "by which sites, people"))
    return sheet, sheet.words("地图：", "Map: ") + headline.in_language(contents.language)


def _sheet(contents: Contents, size: Size, headline: Words, words: str, told: Mapping[str, Any]) -> tuple[Sheet, Axes]:
    sheet = Sheet(size, contents, headline, foot=words)
    axes = sheet.axes(right_in=sheet.width_in * PANEL)
    frame(axes, sheet, told["bounds"] or bounds(contents, None))
    return sheet, axes


def _none(name: str) -> NotThere:
    return NotThere("map", name, zh="这次分析没有这张图", en="this study has no such map")
