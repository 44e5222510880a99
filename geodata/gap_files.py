"""Gaps as files: GeoPackage for a GIS, GeoJSON for the web, a workbook for people; written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from geodata import whole
from geodata.cells import escaped
from locator.errors import BadFile

_HEADERS: Final = (("rank", "序 rank"), ("people", "未覆盖人口（人） people"), ("area_km2", "面积（km²） area"),
                   ("lon", "最远点经度（WGS-84） lon"), ("lat", "最远点纬度（WGS-84） lat"),
                   ("farthest_m", "最远点到最近站点（米） farthest_m"), ("area_code", "区域代码 area_code"))


def check(path: Path) -> None:
    """Refuse a file that could not be written, before anything is figured.

    Raises:
        BadFile: If its ending is none of .gpkg, .geojson, .xlsx, or its folder is not there.
    """
    if path.suffix.lower() not in _WRITERS:
        raise BadFile("--out", str(path), zh=f"应以 {'、'.join(_WRITERS)} 结尾", en=f"must end in {', '.join(_WRITERS)}")
    if not path.absolute().parent.is_dir():
        raise BadFile("--out", str(path), zh="没有这个文件夹", en="there is no such folder")


def write(path: Path, found: Mapping[str, Any]) -> None:
    """Write an answer of `locator.uncovered` by the ending of a path; an older file is replaced whole."""
    check(path)
    with whole.written(path) as unfinished:
        _WRITERS[path.suffix.lower()](unfinished, found)


def _geojson(path: Path, found: Mapping[str, Any]) -> None:
    features = [{"type": "Feature", "geometry": gap["geometry"], "properties": {k: v for k, v in gap.items() if k != "geometry"}}
                for gap in found["gaps"]]
    rest = {name: value for name, value in found.items() if name != "gaps"}
    path.write_text(json.dumps({"type": "FeatureCollection", **rest, "features": features}, ensure_ascii=False), "utf-8")


def _geopackage(path: Path, found: Mapping[str, Any]) -> None:
    import geopandas
    import shapely

    rows = [{name: gap[name] for name, _ in _HEADERS} | {"nearest_site": (gap["nearest_site"] or {}).get("id")} for gap in found["gaps"]]
    shapes = [shapely.geometry.shape(gap["geometry"]) for gap in found["gaps"]]
    geopandas.GeoDataFrame(rows, geometry=shapes, crs=4326).to_file(path, layer="gaps", driver="GPKG")
    circle = found["emptiest_circle"]
    if circle is not None:
        geopandas.GeoDataFrame([{"radius_m": circle["radius_m"], "nearest_site": circle["nearest_site"]}],
                               geometry=[shapely.Point(circle["lon"], circle["lat"])], crs=4326).to_file(path, layer="emptiest_circle", driver="GPKG")


def _workbook(path: Path, found: Mapping[str, Any]) -> None:
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.title = "盲区 gaps"
    page.append([header for _, header in _HEADERS] + ["最近的站点 nearest_site", "盲区内的地标 landmarks"])
    for gap in found["gaps"]:
        named = [(gap["nearest_site"] or {}).get("name") or "", "、".join(host["name"] for host in gap["hosts"])]
        page.append([gap[name] for name, _ in _HEADERS] + [escaped(name, spreadsheet=True) for name in named])
    method = book.create_sheet("方法 method")
    source, asked = found["demand_source"], found["query"]
    for line in (("数据时间 as of", found["as_of"]), ("人口来源 people", source["source"]), ("人口日期 date", source["date"]),
                 ("人口分布 spread", source["note"]), ("问题 question", json.dumps(asked, ensure_ascii=False)),
                 ("面积 areas", "由圆弧精确计算，平面长度误差不超过 0.04 %。 From arcs; lengths on the grid are true to 0.04 %."),
                 ("边界 edges", "图上边界离精确圆弧的最大距离（米） farthest from the arcs, metres", asked["tolerance_m"]),
                 ("规则 rule", "恰好在半径上的算已覆盖；开放时间未知的按关闭计。 On the radius is covered; unknown hours count as closed.")):
        method.append(line)
    book.save(path)


_WRITERS: Final[Mapping[str, Callable[[Path, Mapping[str, Any]], None]]] = {".gpkg": _geopackage, ".geojson": _geojson, ".xlsx": _workbook}
