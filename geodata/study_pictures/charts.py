"""The charts of a study: people by distance, coverage by area, the hours of a week, the hours of a day, who gains and who loses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch

from geodata.study_files import palette, wording
from geodata.study_files.contents import Contents
from geodata.study_pictures.sheet import BODY, SMALL, Sheet, Size, ems
from locator import travel
from locator.errors import NotThere
from locator.words import Words

_MAYBE = "_if_unknown_open"
_HEAT = LinearSegmentedColormap.from_list("shares", list(palette.HEAT))
_ON_DARK, _ON_LIGHT = "#fffffe", "#1a1a1a"
"""Texts in cells, whose colours are the same by day and by night."""
_TEN_THOUSAND = 10_000


def distances(contents: Contents, size: Size) -> tuple[Sheet, str]:
    """People by metres to the nearest site, with half of them and nine tenths."""
    told = _part(contents.distances, "distances")
    edges, people = told["edges_m"], np.array(told["total"]["people"])
    total = people.sum()
    within_m = contents.query["radius_m"] or contents.query["walk_min"] * travel.SPEED_M_PER_MIN["walk"]
    median, most = contents.total.get("median_m"), contents.total.get("p90_m")
    sheet = Sheet(size, contents, _how_far(median, most))
    axes = sheet.axes(left_in=0.55, bottom_in=0.42, top_in=0.28)
    step = edges[1] - edges[0]
    colours = [palette.SERVED if edge + step <= within_m else palette.NOT_SERVED for edge in edges[:-1]]
    left = np.array([*edges[:-2], edges[-2] + step])  # the last stands apart: it has no end
    shown = people / _unit(people)
    axes.bar(left, shown, width=step * 0.88, align="edge", color=colours)
    near = float(shown[:-1].max(initial=0.0))
    high = (float(shown[-1]) if shown[-1] <= 2 * near or not near else near * 1.2) * 1.2 or 1.0
    axes.set_ylim(0, max(high, near * 1.2))
    _tell_last(axes, left[-1], step * 0.88, float(shown[-1]), f"{people[-1] / total:.1%}" if total else "")
    ticks = np.arange(0, edges[-2], 500)
    axes.set_xticks([*ticks, left[-1] + step / 2], [*(f"{tick:,.0f}" for tick in ticks), f"> {edges[-2]:,.0f}"])
    axes.set_xlim(0, left[-1] + step * 1.2)
    _across(axes)
    axes.set_xlabel(sheet.words("到最近站点的距离（米）", "metres to the nearest site"), fontsize=BODY, color=palette.SOFT)
    axes.set_ylabel(_people_words(sheet, people), fontsize=BODY, color=palette.SOFT)
    for metres, words, high in ((median, Words("一半", "half"), 1.0), (most, Words("九成", "nine tenths"), 0.92)):
        if metres is not None and metres <= edges[-2]:
            _mark(axes, metres, words.in_language(contents.language), high)
    share = people[:sum(edge + step <= within_m for edge in edges[:-2])].sum() / total if total else 0.0
    _legend(axes, [(palette.SERVED, sheet.words(f"{wording.reach(contents)}之内", f"within {_within(contents)}")),
                   (palette.NOT_SERVED, sheet.words("之外", "beyond it"))])
    return sheet, sheet.words(f"每 100 米的人数，共 {total:,.0f} 人；{wording.reach(contents)}之内约 {share:.1%}。",
                              f"People by steps of 100 m, {total:,.0f} in all; about {share:.1%} within {_within(contents)}.")


def areas(contents: Contents, size: Size) -> tuple[Sheet, str]:
    """Coverage by area, the best first, in both readings of unknown hours."""
    lines = sorted((line for line in contents.lines if line.get("coverage_share") is not None), key=lambda line: line["coverage_share"])
    if not lines:
        raise _none("areas")
    total = contents.total
    most, least = lines[-1]["name"], lines[0]["name"]
    served = wording.served(contents)
    zh, en = f"{served.zh}率", served.en
    if contents.query["week"]:
        zh, en = f"一周里至少一小时的{zh}", f"{en} in some hour of the week"
    sheet = Sheet(size, contents, Words(f"{zh} {_both(total)}：{most}最高，{least}最低",
                                        f"{_both(total)} are {en}: most in {most}, fewest in {least}")
                  if len(lines) > 1 else Words(f"{least}{zh} {_both(lines[0])}", f"{least}: {_both(lines[0])} are {en}"))
    hourly = f"coverage_share{_MAYBE}" in total
    longest = max(ems(line["name"]) for line in lines)
    small = min(BODY, (sheet.height_in - sheet.top_in - sheet.bottom_in - 0.35) / len(lines) * 72 * 0.75)
    axes = sheet.axes(left_in=longest * small / 72 + 0.08, right_in=1.15 if hourly else 0.55, top_in=0.3, bottom_in=0.05)
    rows, sure = np.arange(len(lines)), np.array([line["coverage_share"] for line in lines])
    axes.barh(rows, sure, height=0.72, color=palette.SERVED)
    if hourly:
        maybe = np.array([line[f"coverage_share{_MAYBE}"] for line in lines])
        axes.barh(rows, maybe - sure, left=sure, height=0.72, color=palette.MAYBE, hatch="////", edgecolor=palette.SERVED, linewidth=0)
        _legend(axes, [(palette.SERVED, sheet.words("未知时间按关闭", "unknown hours as closed")),
                       (palette.MAYBE, sheet.words("未知时间按开放时多出的", "more, if unknown hours are open"))])
    axes.set_yticks(rows, [line["name"] for line in lines], fontsize=small, color=palette.INK)
    for row, line in zip(rows.tolist(), lines, strict=True):
        axes.text(1.01, row, _both(line), fontsize=small, color=palette.INK, va="center", transform=axes.get_yaxis_transform())
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.set_ylim(-0.6, len(lines) - 0.4)
    return sheet, sheet.words(f"各区域{served.zh}率：", "Coverage by area: ") + "；".join(f"{line['name']} {_both(line)}" for line in reversed(lines))


def hours(contents: Contents, size: Size, code: str | None = None) -> tuple[Sheet, str]:
    """Coverage by hour and day of the week, of the whole or of one area."""
    line = contents.total if code is None else next((line for line in contents.lines if line["code"] == code), None)
    shares = None if line is None else line.get("by_hour")
    if line is None or not shares:
        raise _none("hours")
    grid, maybe = np.reshape(shares, (7, 24)), np.reshape(line[f"by_hour{_MAYBE}"], (7, 24))
    best, worst = np.unravel_index(grid.argmax(), grid.shape), np.unravel_index(grid.argmin(), grid.shape)
    days, served = [day.in_language(contents.language) for day in wording.WEEKDAYS], wording.served(contents)
    sheet = Sheet(size, contents, Words(
        f"{line['name']}：{days[best[0]]} {best[1]} 时{served.zh} {grid[best]:.0%}，{days[worst[0]]} {worst[1]} 时只有 {grid[worst]:.0%}",
        f"{line['name']}: {grid[best]:.0%} are {served.en} on {days[best[0]]} at {best[1]}:00, "
        f"{grid[worst]:.0%} on {days[worst[0]]} at {worst[1]}:00"))
    free = sheet.height_in - sheet.top_in - sheet.bottom_in
    for place, (values, words) in enumerate(((grid, Words("未知时间按关闭", "unknown hours as closed")),
                                             (maybe, Words("未知时间按开放", "unknown hours as open")))):
        axes = sheet.axes(left_in=0.42, top_in=0.26 + place * free / 2, bottom_in=0.2 + (1 - place) * free / 2)
        axes.imshow(values, cmap=_HEAT, vmin=0, vmax=1, aspect="auto")
        axes.set_title(words.in_language(contents.language), loc="left", fontsize=BODY, color=palette.INK, pad=4)
        axes.set_yticks(range(7), days)
        axes.set_xticks(range(0, 24, 1 if size.width / size.dpi > 9 else 2))
        axes.set_xticks(np.arange(-0.5, 24), minor=True)
        axes.set_yticks(np.arange(-0.5, 7), minor=True)
        axes.grid(which="minor", color="#ffffff", linewidth=1)
        axes.tick_params(which="minor", length=0)
        for (day, hour), share in np.ndenumerate(values):
            axes.text(hour, day, f"{share * 100:.0f}", ha="center", va="center", fontsize=min(SMALL, free / 2 / 7 * 72 * 0.55),
                      color=_ON_DARK if share > 0.7 else _ON_LIGHT)
    return sheet, sheet.words(f"一周每小时的{served.zh}率（%），上为未知时间按关闭，下为按开放；数字与 Excel 中的“一周各小时{served.zh}率”相同。",
                              "Coverage in per cent by hour and day of the week; above with unknown hours as closed, below as open.")


def hours_by_area(contents: Contents, size: Size) -> tuple[Sheet, str]:
    """Coverage of each area in each of the 168 hours of a week."""
    lines = [line for line in contents.lines if line.get("by_hour")]
    if not lines:
        raise _none("hours-areas")
    lines.sort(key=lambda line: -float(np.mean(line["by_hour"])))
    values = np.array([line["by_hour"] for line in lines])
    served = wording.served(contents)
    sheet = Sheet(size, contents, Words(f"各区域一周各小时的{served.zh}率（未知时间按关闭）",
                                        f"Who is {served.en} by area in each hour of the week (unknown hours as closed)"))
    longest = max(ems(line["name"]) for line in lines)
    small = min(BODY, (sheet.height_in - sheet.top_in - sheet.bottom_in - 0.5) / len(lines) * 72 * 0.75)
    axes = sheet.axes(left_in=longest * small / 72 + 0.08, right_in=0.75, top_in=0.05, bottom_in=0.3)
    picture = axes.imshow(values, cmap=_HEAT, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(lines)), [line["name"] for line in lines], fontsize=small, color=palette.INK)
    axes.set_xticks([day * 24 + 12 for day in range(7)], [day.in_language(contents.language) for day in wording.WEEKDAYS])
    axes.set_yticks(np.arange(-0.5, len(lines)), minor=True)
    axes.grid(which="minor", axis="y", color="#ffffff", linewidth=1)
    axes.tick_params(which="minor", length=0)
    for day in range(1, 7):
        axes.axvline(day * 24 - 0.5, color="#ffffff", linewidth=1.5)
    bar = sheet.figure.colorbar(picture, cax=axes.inset_axes((1.02, 0, 0.02, 1)), ticks=[0, 0.25, 0.5, 0.75, 1])
    bar.ax.set_yticklabels(["0%", "25%", "50%", "75%", "100%"], fontsize=SMALL, color=palette.SOFT)
    bar.ax.tick_params(length=0)
    bar.outline.set_visible(False)
    return sheet, sheet.words(f"每行一个区域，每列一个小时，颜色越深{served.zh}率越高。",
                              "A row an area, a column an hour; the darker, the more are covered.")


def day(contents: Contents, size: Size) -> tuple[Sheet, str]:
    """Coverage in each hour of a day, between the two readings of unknown hours."""
    told = [one for one in _part(contents.day, "day")["hours"] if one["share"] is not None]
    if not told:
        raise _none("day")
    hours_of, sure = np.array([one["hour"] for one in told]), np.array([one["share"] for one in told])
    maybe = np.array([one["share_if_unknown_open"] for one in told])
    best, worst = int(sure.argmax()), int(sure.argmin())
    served = wording.served(contents)
    sheet = Sheet(size, contents, Words(f"{hours_of[best]} 时{served.zh} {sure[best]:.0%}，{hours_of[worst]} 时只有 {sure[worst]:.0%}",
                                        f"{sure[best]:.0%} are {served.en} at {hours_of[best]}:00, {sure[worst]:.0%} at {hours_of[worst]}:00"))
    axes = sheet.axes(left_in=0.45, bottom_in=0.4, top_in=0.28, right_in=0.1)
    edges = [*hours_of.tolist(), int(hours_of[-1]) + 1]
    axes.stairs(maybe, edges, baseline=sure, fill=True, facecolor=palette.MAYBE, edgecolor=palette.SERVED, hatch="////", linewidth=0)
    axes.stairs(sure, edges, fill=True, color=palette.SERVED)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_xticks(edges[::2])
    axes.set_ylim(0, 1)
    axes.set_yticks(np.linspace(0, 1, 6), [f"{tick:.0%}" for tick in np.linspace(0, 1, 6)])
    _across(axes)
    axes.set_xlabel(sheet.words("时", "hour"), fontsize=BODY, color=palette.SOFT)
    _legend(axes, [(palette.SERVED, sheet.words("未知时间按关闭", "unknown hours as closed")),
                   (palette.MAYBE, sheet.words("未知时间按开放时多出的", "more, if unknown hours are open"))])
    return sheet, "；".join(f"{hour}:00 {share:.0%}" for hour, share in zip(hours_of.tolist(), sure.tolist(), strict=True))


def change(contents: Contents, size: Size) -> tuple[Sheet, str]:
    """Who gains and who loses, by area."""
    _part(contents.change, "change")
    lines = [line for line in contents.lines if line.get("gained") is not None and (line["gained"] or line["lost"])]
    total, served = contents.total, wording.served(contents).zh
    sheet = Sheet(size, contents, Words(f"{total['gained'] or 0:,.0f} 人新增{served}，{total['lost'] or 0:,.0f} 人失去{served}",
                                        f"{total['gained'] or 0:,.0f} people gain, {total['lost'] or 0:,.0f} lose"))
    if not lines:
        axes = sheet.axes()
        axes.set_axis_off()
        axes.text(0.5, 0.5, sheet.words(f"没有人新增或失去{served}", "Nobody gains and nobody loses"), ha="center", fontsize=BODY + 4,
                  color=palette.SOFT)
        return sheet, sheet.title
    lines.sort(key=lambda line: line["gained"] - line["lost"])
    longest = max(ems(line["name"]) for line in lines)
    axes = sheet.axes(left_in=longest * BODY / 72 + 0.08, right_in=0.2, top_in=0.3, bottom_in=0.05)
    rows = np.arange(len(lines))
    gained, lost = (np.array([line[name] for line in lines]) for name in ("gained", "lost"))
    left = -1.0 if gained.any() else 1.0  # where nobody gains, the bars of those who lose begin at the names
    for values, colour, sign, way in ((gained, palette.SERVED, "+", 1.0), (lost, palette.LOST, "−", left)):
        bars = axes.barh(rows, way * values, height=0.72, color=colour)
        axes.bar_label(bars, [f"{sign}{value:,.0f}" if value else "" for value in values], fontsize=BODY - 1, color=palette.INK, padding=3)
    axes.set_yticks(rows, [line["name"] for line in lines], fontsize=BODY, color=palette.INK)
    most = max(gained.max(), lost.max()) * 1.25
    axes.set_xlim(-most if lost.any() and gained.any() else 0, most)
    axes.axvline(0, color=palette.SOFT, linewidth=1)
    axes.set_xticks([])
    axes.set_ylim(-0.6, max(len(lines), 6) - 0.4)
    _legend(axes, [(palette.SERVED, sheet.words(f"新增{served}（人）", "gain")), (palette.LOST, sheet.words(f"失去{served}（人）", "lose"))])
    return sheet, sheet.title + "：" + "；".join(f"{line['name']} +{line['gained']:,.0f} −{line['lost']:,.0f}" for line in reversed(lines))


CHARTS: Final[Mapping[str, Callable[[Contents, Size], tuple[Sheet, str]]]] = {
    "distances": distances, "areas": areas, "hours": hours, "hours-areas": hours_by_area, "day": day, "change": change}
"""By the name that an address has; ``hours-CODE`` is that of one area."""


def _part(part: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    if part is None:
        raise _none(name)
    return part


def _none(name: str) -> NotThere:
    return NotThere("chart", name, zh="这次分析没有这张图", en="this study has no such chart")


def _how_far(median_m: float | None, most_m: float | None) -> Words:
    """Return how far half and nine tenths of the people are from a site, as far as they have one."""
    if median_m is None:
        return Words("一半以上的人没有站点可去", "More than half the people have no site to go to")
    if most_m is None:
        return Words(f"一半的人到最近站点不超过 {median_m:,.0f} 米，一成以上的人没有站点可去",
                     f"Half the people live within {median_m:,.0f} m of a site; more than a tenth have none")
    return Words(f"一半的人到最近站点不超过 {median_m:,.0f} 米，九成的人不超过 {most_m:,.0f} 米",
                 f"Half the people live within {median_m:,.0f} m of a site, nine tenths within {most_m:,.0f} m")


def _both(line: Mapping[str, Any]) -> str:
    """Return a share in both readings: ``72.4%–80.1%``; once where they are the same, or hours do not count."""
    low, high = line["coverage_share"], line.get(f"coverage_share{_MAYBE}")
    if low is None:
        return "—"
    return f"{low:.1%}" if high is None or f"{high:.1%}" == f"{low:.1%}" else f"{low:.1%}–{high:.1%}"


def _within(contents: Contents) -> str:
    asked = contents.query
    return f"{wording.number(asked['radius_m'])} m" if asked["radius_m"] is not None else f"{wording.number(asked['walk_min'])} minutes"


def _unit(people: Any) -> float:
    return float(_TEN_THOUSAND) if people.max(initial=0) >= 10 * _TEN_THOUSAND else 1.0


def _people_words(sheet: Sheet, people: Any) -> str:
    return sheet.words("人口（万人）", "people (10,000s)") if _unit(people) > 1 else sheet.words("人口（人）", "people")


def _across(axes: Axes) -> None:
    axes.grid(axis="y", color=palette.GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _mark(axes: Axes, at: float, words: str, high: float) -> None:
    axes.axvline(at, ymax=high - 0.02, color=palette.INK, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.text(at, high - 0.01, f" {words} {at:,.0f}", fontsize=BODY - 1, color=palette.INK, transform=axes.get_xaxis_transform(), va="top")


def _tell_last(axes: Axes, left: float, width: float, tall: float, words: str) -> None:
    """Say the last bar's share; where it is far taller than the rest it is cut off, and seen to be."""
    top = axes.get_ylim()[1]
    if tall > top:
        for place in (0.86, 0.885):
            ends = [left - width * 0.15, left + width * 1.15], [top * (place - 0.012), top * (place + 0.012)]
            axes.plot(*ends, color="#ffffff", linewidth=3)
        axes.text(left + width / 2, top * 1.01, words, fontsize=BODY - 1, color=palette.INK, ha="center", va="bottom")
    else:
        axes.text(left + width / 2, tall + top * 0.01, words, fontsize=BODY - 1, color=palette.INK, ha="center", va="bottom")


def _legend(axes: Axes, entries: Sequence[tuple[str, str]]) -> None:
    handles = [Patch(facecolor=colour, hatch="////" if colour == palette.MAYBE else None,
                     edgecolor=palette.SERVED if colour == palette.MAYBE else colour, linewidth=0, label=words) for colour, words in entries]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(entries), frameon=False, fontsize=BODY - 1,
                labelcolor=palette.INK, borderpad=0.2, handlelength=1.4, columnspacing=1.4)
