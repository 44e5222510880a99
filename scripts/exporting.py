"""`nuanxin export`: sites out to a file, by its suffix."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from locator.typed import BEIJING
from scripts import options
from scripts.settings import Settings


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@options.filters
@click.option("--area", "areas", multiple=True, help="区或街道的代码或名称，任一。 District or street, code or name; any of them.")
@click.option("--all", "whole", is_flag=True,
              help="整个登记库：草稿、停用、关闭、内部站点和内部字段。 The whole registry: drafts, suspended, closed and internal sites, "
                   "and the internal fields.")
@options.datum
@click.pass_obj
def command(settings: Settings, /, file: Path, datum: str, whole: bool, areas: tuple[str, ...], **rest: Any) -> None:
    """导出站点：.geojson .gpkg .csv .xlsx，按后缀。 Export sites, by suffix.

    不加筛选即导出全部启用的公开站点；导出的文件可以原样导入。
    Without filters: every active public site. What is exported imports back as it was.
    """
    from geodata import export, vocabulary
    from locator.filters import Filters
    from locator.hours import minute_of

    words = vocabulary.of_home(settings.home)
    known = settings.areas() if areas else None
    filters = options.chosen(words, rest, areas=tuple(known.code(said) for said in areas) if known else ())
    if whole and filters != Filters():
        raise click.UsageError("--all 不能与筛选同用。 --all takes no filters.")
    if whole:
        sites = list(settings.registry().sites())
    else:
        atlas = settings.atlas()
        minute = minute_of(datetime.now(UTC).astimezone(BEIJING))
        rows = np.flatnonzero(atlas.finder.suitable(filters, minute).passes)
        sites = [atlas.sites.site(row) for row in rows.tolist()]
    export.write(file, sites, datum=datum, vocabulary=words, internal=whole)
    click.echo(f"导出 {len(sites)} 个站点到 {file}。 Exported {len(sites)} sites to {file}.", err=True)
