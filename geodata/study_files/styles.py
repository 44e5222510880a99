"""How QGIS 3 draws the layers of a study: its own QML, so that opening the file is all it takes.

Every symbol says its properties twice, as ``Option`` (from 3.26 on) and as ``prop`` (before).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from geodata.study_files import palette
from geodata.study_files.columns import COUNTS
from geodata.study_files.layers import Layer

_HEAD: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_POLYGON, _POINT = "2", "0"
_BEYOND: Final = 10 ** 12
_FONT: Final = "Noto Sans CJK SC"
_LABELS: Final = {"areas": "name", "gaps": "concat('第 ', \"rank\", ' 位\\n', format_number(\"people\", 0), ' 人')",
                  "emptiest_circle": "concat('方圆 ', format_number(\"radius_m\", 0), ' 米内没有站点')"}


class Mark(NamedTuple):
    """How a point is drawn."""

    shape: str
    fill: str
    edge: str = "#ffffff"


def qml(layer: Layer) -> str:
    """Return the style of a layer: areas in outline, gaps by people, sites by whether they count, who gains and who loses."""
    root = Element("qgis", version="3.22.0", styleCategories="AllStyleCategories", labelsEnabled="1" if layer.name in _LABELS else "0")
    if layer.name == "gaps":
        _graduated(root, layer)
    elif layer.name == "sites":
        looks = {"yes": Mark("circle", palette.YES), "unknown": Mark("diamond", palette.UNKNOWN, palette.UNKNOWN_EDGE),
                 "no": Mark("cross2", palette.NO, palette.NO)}
        named = {row["counts"]: row.get("counts_name") for row in layer.rows}
        _categorised(root, "counts", [(value, named.get(value) or words.zh, looks[value]) for value, words in COUNTS.items()])
    elif layer.name == "change_points":
        _categorised(root, "change", [("gained", "新增覆盖", Mark("triangle", palette.SERVED)), ("lost", "失去覆盖", Mark("square", palette.LOST))])
    else:
        colour = palette.CIRCLE if layer.name == "emptiest_circle" else palette.OUTLINE
        _single(root, colour, dashed=layer.name == "emptiest_circle")
    if layer.name in _LABELS:
        _labels(root, _LABELS[layer.name], bold=layer.name == "areas")
    _aliases(root, layer)
    SubElement(root, "layerGeometryType").text = _POINT if layer.name in ("sites", "change_points") else _POLYGON
    return _HEAD + tostring(root, encoding="unicode")


def _single(root: Element, colour: str, *, dashed: bool) -> None:
    renderer = SubElement(root, "renderer-v2", type="singleSymbol", forceraster="0", symbollevels="0", enableorderby="0")
    _fill(SubElement(renderer, "symbols"), "0", None, colour, width=0.5, line="dash" if dashed else "solid")


def _graduated(root: Element, layer: Layer) -> None:
    """Draw by classes of people; each holds its lower end."""
    renderer = SubElement(root, "renderer-v2", type="graduatedSymbol", attr="people", graduatedMethod="GraduatedColor", forceraster="0",
                          symbollevels="0", enableorderby="0")
    limits = palette.breaks(max((row["people"] for row in layer.rows), default=0.0))
    ranges, symbols = SubElement(renderer, "ranges"), SubElement(renderer, "symbols")
    for place, (least, most) in enumerate(zip([0, *limits], [*limits, _BEYOND], strict=True)):
        label = f"{most:,} 人以下" if place == 0 else f"{least:,} 人以上" if most == _BEYOND else f"{least:,}–{most:,} 人"
        SubElement(ranges, "range", lower=f"{least:.6f}", upper=f"{most:.6f}", symbol=str(place), label=label, render="true")
        _fill(symbols, str(place), palette.RAMP[place], palette.GAP_EDGE, width=0.2, line="solid", alpha=0.75)
    SubElement(renderer, "classificationMethod", id="Custom")


def _categorised(root: Element, field: str, values: Iterable[tuple[str, str, Mark]]) -> None:
    renderer = SubElement(root, "renderer-v2", type="categorizedSymbol", attr=field, forceraster="0", symbollevels="0", enableorderby="0")
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    for place, (value, label, mark) in enumerate(values):
        SubElement(categories, "category", value=value, symbol=str(place), label=label, render="true", type="string")
        _marker(symbols, str(place), mark)


def _fill(symbols: Element, name: str, colour: str | None, edge: str, *, width: float, line: str, alpha: float = 1.0) -> None:
    _symbol(symbols, name, "fill", "SimpleFill", {
        "color": _rgba(colour or "#ffffff"), "style": "solid" if colour else "no", "outline_color": _rgba(edge), "outline_style": line,
        "outline_width": str(width), "outline_width_unit": "MM", "joinstyle": "round"}, alpha)


def _marker(symbols: Element, name: str, mark: Mark) -> None:
    _symbol(symbols, name, "marker", "SimpleMarker", {
        "name": mark.shape, "color": _rgba(mark.fill), "outline_color": _rgba(mark.edge), "outline_style": "solid", "outline_width": "0.2",
        "outline_width_unit": "MM", "size": "2", "size_unit": "MM", "angle": "0", "scale_method": "diameter"}, 1.0)


def _symbol(symbols: Element, name: str, kind: str, sort: str, properties: Mapping[str, str], alpha: float) -> None:
    symbol = SubElement(symbols, "symbol", type=kind, name=name, alpha=str(alpha), clip_to_extent="1", force_rhr="0")
    layer = SubElement(symbol, "layer", {"class": sort, "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(layer, "Option", type="Map")
    for key, value in properties.items():
        SubElement(options, "Option", name=key, value=value, type="QString")
    for key, value in properties.items():
        SubElement(layer, "prop", k=key, v=value)


def _labels(root: Element, expression: str, *, bold: bool) -> None:
    settings = SubElement(SubElement(root, "labeling", type="simple"), "settings", calloutType="simple")
    style = SubElement(settings, "text-style", fieldName=expression, isExpression="0" if expression.isidentifier() else "1", fontFamily=_FONT,
                       fontSize="9", fontSizeUnit="Point", fontWeight="75" if bold else "50", namedStyle="Bold" if bold else "Regular",
                       textColor=_rgba(palette.INK), textOpacity="1")
    SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM", bufferColor=_rgba("#ffffff"), bufferOpacity="1")
    SubElement(settings, "placement", placement="1" if bold else "0", polygonPlacementFlags="2", priority="5")
    SubElement(settings, "rendering", obstacle="1", drawLabels="1", displayAll="0", scaleVisibility="0", labelPerPart="0", limitNumLabels="0")


def _aliases(root: Element, layer: Layer) -> None:
    aliases = SubElement(root, "aliases")
    for place, column in enumerate(layer.columns, 1):  # 0 is the row's own number
        SubElement(aliases, "alias", index=str(place), field=column.name, name=column.zh)


def _rgba(colour: str) -> str:
    red, green, blue = (int(colour[at:at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},255"
