"""`nuanxin nearest`: the nearest suitable sites to a place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from locator import travel, typed
from locator.vocabulary import Vocabulary
from scripts import options, output
from scripts.settings import Settings

COLUMNS = ("id", "name", "kind", "lon", "lat", "distance_m", "walk_m", "minutes", "minutes_basis", "state",
           "state_reason", "state_on_arrival", "changes_at", "mode", "facilities", "eligibility", "address",
           "accuracy_m", "verified_on", "confidence", "confidence_reasons", "reported", "demo")
"""Of the CSV: every member of a site in the JSON answer."""


@click.command("nearest", cls=options.TakesNumbersBelowZero)
@click.argument("lon")
@click.argument("lat")
@click.option("-k", default="10", show_default=True, help="最多几个。 At most this many.")
@options.filters
@click.option("--at", default=None, help="何时，默认现在；不写时区即北京时间。 When; default now; Beijing time unless an offset is given.")
@click.option("--within", default=None, help="最远直线距离（米）。 Farthest straight distance, metres.")
@click.option("--by", type=click.Choice(travel.WAYS), default="walk", show_default=True,
              help="步行或电动车。 On foot or by e-bike.")
@click.option("--network", is_flag=True, help="按步行路网。 Over the walking network.")
@options.datum
@options.output_format
@click.pass_obj
def command(settings: Settings, /, lon: str, lat: str, k: str, at: str | None, within: str | None, by: str,
            network: bool, datum: str, shape: str, **rest: Any) -> None:
    """离 LON LAT 最近的合适站点，按距离排序。 The suitable sites nearest to LON LAT, closest first.

    坐标：十进制度数或度分秒，先经度后纬度。 Decimal degrees, or degrees, minutes and seconds; longitude first.
    """
    from geodata import vocabulary
    from locator import answers

    if network:
        from geodata import streets
    from locator.questions import NearestQuestion

    words = vocabulary.of_home(settings.home)
    question = NearestQuestion(
        lon=typed.degrees("lon", lon), lat=typed.degrees("lat", lat), k=typed.count("k", k),
        filters=options.chosen(words, rest), at=None if at is None else typed.moment("at", at),
        within_m=None if within is None else typed.metres("within", within), by=by, network=network, datum=datum)
    now = datetime.now(UTC).astimezone(typed.BEIJING)
    atlas = settings.atlas()
    answer = answers.nearest(question, atlas, now=now, trust=settings.trust(atlas, now), network=streets.load(settings.home) if network else None)
    found = answer.as_dict(settings.language)
    if shape == "json":
        output.as_json(found)
    elif shape == "geojson":
        output.as_geojson(found.pop("sites"), **found)
    elif shape == "csv":
        output.as_csv(found["sites"], COLUMNS)
    else:
        _table(found["sites"], settings.language, words)
        _basis(found["sites"], settings, network=network)


def _table(sites: Sequence[dict[str, Any]], language: str, words: Vocabulary) -> None:
    zh = language == "zh"
    marks = {"open": "开放", "closed": "关闭", "unknown": "未知"} if zh else {s: s for s in ("open", "closed", "unknown")}
    headers = (["距离", "约需", "现在", "到达时", "变化", "名称", "类别", "地址", "编号"] if zh else
               ["metres", "about", "now", "on arrival", "changes", "name", "kind", "address", "id"])
    rows = [[f"{s['distance_m']:,.0f} m", f"{s['minutes']:.0f} {'分钟' if zh else 'min'}", marks[s["state"]],
             marks[s["state_on_arrival"]], (s["changes_at"] or "")[5:16].replace("T", " "),
             s["name"] + demo_mark(s, language), words.term("kind", s["kind"]).words.in_language(language), s["address"],
             s["id"]] for s in sites]
    if any(s["walk_m"] is not None for s in sites):  # a column more, where a network knows the way
        headers.insert(1, "步行" if zh else "on foot")
        for row, s in zip(rows, sites, strict=True):
            row.insert(1, "—" if s["walk_m"] is None else f"{s['walk_m']:,.0f} m")
    output.as_table(rows, headers, empty="没有合适的站点。" if zh else "No site suits.")


def _basis(sites: Sequence[dict[str, Any]], settings: Settings, *, network: bool) -> None:
    """Say on standard error what the minutes are based on."""
    zh, factor = settings.language == "zh", f"{travel.DETOUR_FACTOR:g}"
    estimated = sum(site["minutes_basis"] == "estimate" for site in sites)
    if network and estimated < len(sites):
        from geodata import streets

        about = streets.about(settings.home)
        assert about is not None  # minutes came from it
        day = f", {about.dated}" if about.dated else ""
        click.echo(f"约需时间按步行路网计算（{about.source}{day}；{about.credit}）。" if zh else
                   f"Minutes are along the walking network ({about.source}{day}; {about.credit}).", err=True)
    if estimated == len(sites) and sites:
        click.echo(f"约需时间按直线距离 × {factor} 估算。" if zh else f"Minutes are estimated: straight line × {factor}.", err=True)
    elif estimated:
        click.echo(f"其中 {estimated} 个不在路网附近，按直线距离 × {factor} 估算。" if zh else
                   f"{estimated} of them are not near it: straight line × {factor}.", err=True)


def demo_mark(found: dict[str, Any], language: str) -> str:
    """Return what stands behind the name of a demonstration record."""
    return ("（演示）" if language == "zh" else " (demo)") if found.get("demo") else ""
