"""`nuanxin network`: the walking network, built from an OpenStreetMap extract."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from locator import typed
from locator.errors import NotBuilt
from scripts import output
from scripts.settings import Settings

if TYPE_CHECKING:
    from geodata.streets import About


@click.group("network")
def command() -> None:
    """步行路网。 The walking network."""


@command.command("build")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dated", default=None, help="文件未写明时的数据日期。 Day of the data, where the file does not say: 2026-03-01.")
@click.pass_obj
def build_command(settings: Settings, file: Path, dated: str | None) -> None:
    """由 .osm.pbf 生成步行路网，替换原有的。 Build the network from an .osm.pbf; it replaces the one there was."""
    from geodata import streets

    settings.check_home()
    built = streets.read(file, dated=None if dated is None else typed.moment("dated", dated).date())
    streets.store(built, settings.home)
    _tell(built.about, settings.language)


@command.command("info")
@click.option("--format", "shape", type=click.Choice(["table", "json"]), default="table", show_default=True, help="输出格式。 Format.")
@click.pass_obj
def info_command(settings: Settings, shape: str) -> None:
    """路网的来源、日期、长度，以及没有用上的部分。 Where the network is from, how long it is, and what was left out."""
    from geodata import streets

    settings.check_home()
    about = streets.about(settings.home)
    if about is None:
        raise NotBuilt("network", None, zh="还没有步行路网；请用 nuanxin network build 文件.osm.pbf 生成",
                       en="no walking network has been built; make one with nuanxin network build FILE.osm.pbf")
    if shape == "json":
        output.as_json({**asdict(about), "largest_left_out": [part._asdict() for part in about.largest_left_out]})
    else:
        _tell(about, settings.language)


def _tell(about: About, language: str) -> None:
    zh = language == "zh"
    unit = "公里" if zh else "km"
    rows = [
        ("来源" if zh else "source", about.source),
        ("", f"sha256 {about.sha256[:12]}…, {about.credit}"),
        ("数据日期" if zh else "dated", about.dated or ("文件未写明" if zh else "the file does not say")),
        ("范围" if zh else "bounds", ", ".join(f"{degrees:.4f}" for degrees in about.bounds)),
        ("结点、边" if zh else "nodes, edges", f"{about.nodes:,}, {about.edges:,}"),
        ("长度" if zh else "length", f"{about.km:,.1f} {unit}"),
        *(("", f"{km:,.1f} {unit}  {name}") for name, km in about.km_by_highway.items()),
        ("未连通，已舍去" if zh else "left out, not joined", f"{about.km_left_out:,.1f} {unit}，{about.parts_left_out} 处" if zh else
         f"{about.km_left_out:,.1f} {unit} in {about.parts_left_out} parts"),
        *(("", f"{part.km:g} {unit}  {part.lon:.5f}, {part.lat:.5f}") for part in about.largest_left_out),
    ]
    output.as_table(rows, ["", "步行路网" if zh else "walking network"], empty="")
