"""`nuanxin search`: sites and places by name, pinyin, initials, code or address."""

from __future__ import annotations

import click

from locator import typed
from scripts import options, output
from scripts.settings import Settings


@click.command("search")
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
    elif shape == "geojson":
        output.as_geojson(found.pop("results"), **found)
    elif shape == "csv":
        for result in results:
            result["code"] = result.get("id") or result.get("code")
        output.as_csv(results, ("type", "code", "name", "lon", "lat", "matched"))
    else:
        zh = settings.language == "zh"
        kinds = {"site": "站点", "place": "地点"} if zh else {"site": "site", "place": "place"}
        headers = ["", "名称", "经度", "纬度", "地址", "编号"] if zh else ["", "name", "lon", "lat", "address", "id"]
        output.as_table([[kinds[r["type"]], r["name"], f"{r['lon']:.5f}" if r["lon"] is not None else "",
                          f"{r['lat']:.5f}" if r["lat"] is not None else "", r.get("address"),
                          r.get("id") or r.get("code")] for r in results], headers,
                        empty="没有找到。" if zh else "Nothing found.")
