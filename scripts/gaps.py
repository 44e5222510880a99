"""`nuanxin gaps`: where no site is within reach, or fewer than `--fold`, as exact areas, most people first; and the emptiest circle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from locator import typed
from scripts import options, output
from scripts.coverage import tell_notes
from scripts.settings import Settings

LEAST_SHARE = 0.005
"""Of the emptiest circle: so little beyond the border is not worth a word."""
_MOST_AREAS = 3
COLUMNS = (
    "rank", "people", "people_if_unknown_open", "area_km2", "lon", "lat", "farthest_m", "farthest_basis", "area_code", "areas",
    "nearest_site", "hosts")


@click.command("gaps")
@options.coverage
@options.demand
@click.option("--top", default=None, help="只列人最多的几个，默认全部。 Only so many, those with most people; default all.")
@click.option("--tolerance", default=None, help="画出的边界离真边界最多几米：圆弧默认 1，沿路网默认 25、不能更细。 "
              "How far drawn edges may be from the true ones, metres: of arcs 1, along streets 25 and no finer.")
@options.out
@options.output_format
@click.pass_obj
def command(settings: Settings, /, demand: str | None, top: str | None, tolerance: str | None, out: Path | None, shape: str, **rest: Any) -> None:
    """服务盲区：没有合适站点够得着的地方；--fold 2：不足两个的。 Where no suitable site is within reach; --fold 2: fewer than two."""
    from geodata import study_files, vocabulary
    from geodata.study_files.contents import Contents
    from locator.pool import pool
    from locator.uncovered import GapsQuestion, uncovered

    asked = options.coverage_question(vocabulary.of_home(settings.home), rest)
    question = typed.quoted({"top": top, "tolerance": tolerance}, lambda: GapsQuestion(
        asked, None if top is None else typed.count("top", top), None if tolerance is None else typed.metres("tolerance", tolerance)))
    if out is not None:
        study_files.check(out)
    now = datetime.now(UTC).astimezone(typed.BEIJING)
    atlas, ground, outline_of, areas = settings.planning(demand, on_foot=question.of.walk_min is not None)
    no_way_in = settings.trust(atlas, now).no_way_in
    answer = uncovered(question, atlas, ground, now, outline_of=outline_of, area_of=areas.finest_of, no_way_in=no_way_in)
    found = answer.as_dict(settings.language)
    zh = settings.language == "zh"
    if out is not None:
        study_files.write(out, Contents.of_answers(settings.language, areas, atlas, now, pool(question.of, atlas, now, no_way_in=no_way_in),
                                                    gaps=found))
        few = f"{len(found['gaps'])} 个盲区" if asked.fold == 1 else f"{len(found['gaps'])} 处交叉覆盖不足的地方"
        click.echo(f"已写入 {out}：{few}。" if zh else f"{out}: {len(found['gaps'])} gaps.", err=True)
    elif shape == "json":
        output.as_json(found)
    elif shape == "geojson":
        output.as_shapes(found.pop("gaps"), **found)
    elif shape == "csv":
        output.as_csv(found["gaps"], COLUMNS)
    else:
        headers = _headers(asked.fold, zh=zh)
        rows = [[g["rank"], f"{g['people']:,.0f}", f"{g['area_km2']:,.3f}", _metres(g, zh=zh),
                 f"{g['lon']:.5f},{g['lat']:.5f}", _areas(g, zh=zh), (g["nearest_site"] or {}).get("name", ""),
                 "、".join(host["name"] for host in g["hosts"])] for g in found["gaps"]]
        output.as_table(rows, headers, empty=_nowhere(asked.fold, zh=zh))
        _tell_unlisted(found, zh=zh)
        circle, circles = found["emptiest_circle"], found["emptiest_circles"]
        if len(circles) > 1:
            headers = ["区域", "最空旷处", "方圆没有站点", "最近的站点"] if zh else ["area", "emptiest spot", "no site within", "nearest site"]
            output.as_table([[one["name"], f"{one['lon']:.5f},{one['lat']:.5f}", f"{one['radius_m']:,.0f} m", one["nearest_site"]]
                             for one in circles], headers, empty="")
        if circle:
            beyond = circle["outside_share"]
            aside = f"；这个圆有 {beyond:.0%} 在区域之外" if zh else f"; {beyond:.0%} of that circle lies outside the area"
            aside = (aside if beyond >= LEAST_SHARE else "") + _of_the_nearest(asked.fold, zh=zh)
            click.echo(f"最空旷处：{circle['lon']:.5f},{circle['lat']:.5f}，方圆 {circle['radius_m']:,.0f} 米内没有站点{aside}。" if zh else
                       f"Emptiest: {circle['lon']:.5f},{circle['lat']:.5f}, no site within {circle['radius_m']:,.0f} m{aside}.", err=True)
        _tell_basis(found, zh=zh)
        tell_notes(found, zh=zh)


def _headers(fold: int, *, zh: bool) -> list[str]:
    far, site = ((("最远点到最近站点", "最近的站点") if fold == 1 else (f"最远点到第 {fold} 近站点", f"第 {fold} 近的站点")) if zh else
                 ("farthest from a site", "nearest site") if fold == 1 else (f"farthest from {fold} sites", f"the last of these {fold}"))
    return (["序", "人口", "面积 km²", far, "最远点经纬度", "区域", site, "附近可用的地方"] if zh else
            ["rank", "people", "area km²", far, "farthest point", "area", site, "landmarks inside"])


def _nowhere(fold: int, *, zh: bool) -> str:
    if fold > 1:
        return f"没有交叉覆盖不足的地方：处处都有至少 {fold} 个站点够得着。" if zh else f"No gap: at least {fold} sites are within reach everywhere."
    return "没有盲区：处处都够得着。" if zh else "No gap: a site is within reach everywhere."


def _of_the_nearest(fold: int, *, zh: bool) -> str:
    """Return, beside gaps of several sites, that the circle is that of the nearest one all the same."""
    return "" if fold == 1 else "（只看最近的一个站点）" if zh else " (of the nearest site alone)"


def _areas(gap: Mapping[str, Any], *, zh: bool) -> str:
    """Return the names of the areas that a gap's people are in, those with most first."""
    names = [area["name"] for area in gap["areas"]]
    shown = ("、" if zh else ", ").join(names[:_MOST_AREAS])
    return shown + (("等" if zh else ", ...") if len(names) > _MOST_AREAS else "")


def _tell_unlisted(found: Mapping[str, Any], *, zh: bool) -> None:
    """Say on standard error how many gaps are not in the table: those too small for a line."""
    small = found["smaller"]
    if small["count"]:
        below = small["below_people"], small["below_km2"]
        click.echo(f"另有 {small['count']:,} 处不到 {below[0]:g} 人且小于 {below[1]:g} km²，共 {small['people']:,.0f} 人，未列出。" if zh else
                   f"{small['count']:,} more of fewer than {below[0]:g} people and less than {below[1]:g} km² are not listed; "
                   f"they have {small['people']:,.0f} people.", err=True)


def _metres(gap: Mapping[str, Any], *, zh: bool) -> str:
    """Return how far the farthest point is, and along what where that is no straight line."""
    if gap["farthest_m"] is None:
        return "—"
    along = {"straight": "", "network": "（沿路）" if zh else " on foot", "estimate": "（估算）" if zh else " estimated"}[gap["farthest_basis"]]
    return f"{gap['farthest_m']:,.0f} m{along}"


def _tell_basis(found: Mapping[str, Any], *, zh: bool) -> None:
    """Say on standard error what a walk is here, and how exact edges are."""
    if found["basis"] == "straight":
        click.echo("步行按直线距离 × 1.25 估算。" if zh else "The walk is estimated: straight line × 1.25.", err=True)
    elif found["basis"] == "network":
        people, km2, tolerance_m = f"{found['estimated_people']:,.0f}", f"{found['estimated_km2']:,.1f}", f"{found['query']['tolerance_m']:g}"
        click.echo(f"步行沿路网，边界误差不超过 {tolerance_m} 米；附近没有路网的 {people} 人、{km2} km² 按直线 × 1.25 估算。" if zh else
                   f"On foot along streets, edges within {tolerance_m} m; for {people} people and {km2} km² that no street is near, estimated: "
                   "straight line × 1.25.", err=True)
