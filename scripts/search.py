"""`nuanxin search`: sites and places by name, pinyin, initials, code or address."""

from __future__ import annotations

import click

from locator import typed
from scripts import options, output
from scripts.nearest import demo_mark
from scripts.settings import Settings

COLUMNS = ("type", "id", "name", "kind", "address", "lon", "lat", "matched", "demo")
"""Of the CSV; a place's id is its code, its kind its category."""


@click.command("search", cls=options.TakesNumbersBelowZero)
@click.argument("text")
@click.option("-k", default="10", show_default=True, help="最多几个。 At most this many.")
@options.output_format
@click.pass_obj
def command(settings: Settings, text: str, k: str, shape: str) -> None:
    """按名称、拼音、首字母、编号或地址查找站点和地点。 Find sites and places by name, pinyin, code or address."""
    from locator import answers
    from locator.questions import SearchQuestion

    answer = answers.search(SearchQuestion(text, k=typed.count("k", k)), settings.atlas())
    found = answer.as_dict(settings.language)
    results = found["results"]
    if shape == "json":
        output.as_json(found)
        return
    if shape == "geojson":
        output.as_geojson(found.pop("results"), **found)
        return
    rows = [{**r, "id": r.get("id", r.get("code")), "kind": r.get("kind", r.get("category"))} for r in results]
    if shape == "csv":
        output.as_csv(rows, COLUMNS)
        return
    zh = settings.language == "zh"
    kinds = {"site": "站点", "place": "地点"} if zh else {"site": "site", "place": "place"}
    headers = ["", "名称", "经度", "纬度", "地址", "编号"] if zh else ["", "name", "lon", "lat", "address", "id"]
    output.as_table([[kinds[r["type"]], r["name"] + demo_mark(r, settings.language), _degrees(r["lon"]), _degrees(r["lat"]),
                      r.get("address"), r["id"]] for r in rows], headers, empty="没有找到。" if zh else "Nothing found.")


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"
