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
@options.datum
@click.pass_obj
def command(settings: Settings, file: Path, datum: str, **rest: Any) -> None:
    """导出站点：.geojson .gpkg .csv .xlsx，按后缀。 Export sites, by suffix.

    不加筛选即导出全部站点，含草稿、停用和内部站点。 Without filters: every site, drafts, closed and internal ones too.
    """
    from geodata import export, vocabulary
    from locator.filters import Filters
    from locator.hours import minute_of

    words = vocabulary.load()
    filters = options.chosen(words, rest)
    if filters == Filters():
        sites = list(settings.registry().sites())
    else:
        atlas = settings.atlas()
        minute = minute_of(datetime.now(UTC).astimezone(BEIJING))
        rows = np.flatnonzero(atlas.finder.suitable(filters, minute).passes)
        sites = [atlas.sites.site(row) for row in rows.tolist()]
    export.write(file, sites, datum=datum, vocabulary=words)
    click.echo(f"导出 {len(sites)} 个站点到 {file}。 Exported {len(sites)} sites to {file}.", err=True)
