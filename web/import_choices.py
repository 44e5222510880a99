"""The words in which a page speaks of fields: those of the spreadsheet that offices fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from geodata.template_columns import groups
from locator.vocabulary import Vocabulary
from locator.words import Words
from web.held import Held

_MORE = (
    Words("一列里的坐标", "coordinates in one column"), (
        ("coordinates", Words("经纬度（一列两个数）", "longitude and latitude in one column")),
        ("lon@gcj02", Words("经度（GCJ-02）", "longitude (GCJ-02)")), ("lat@gcj02", Words("纬度（GCJ-02）", "latitude (GCJ-02)")),
        ("lon@bd09", Words("经度（BD-09）", "longitude (BD-09)")), ("lat@bd09", Words("纬度（BD-09）", "latitude (BD-09)")),
        ("lon@wgs84", Words("经度（WGS-84）", "longitude (WGS-84)")), ("lat@wgs84", Words("纬度（WGS-84）", "latitude (WGS-84)")),
        ("source_lon", Words("来源经度", "the source's longitude")), ("source_lat", Words("来源纬度", "the source's latitude")),
        ("source_id", Words("来源编号", "the source's own number")), ("facilities", Words("设施（一列多项）", "facilities in one column")),
        ("opening_hours:inferred", Words("开放时间（推测的）", "opening hours (inferred)")),
        ("facilities:inferred", Words("设施（推测的）", "facilities (inferred)"))))


class Group(NamedTuple):
    """Fields under one title: (field, its words)."""

    title: str
    fields: Sequence[tuple[str, str]]


def _made(vocabulary: Vocabulary, language: str) -> tuple[Group, ...]:
    zh = language == "zh-CN"
    found = [Group(group.zh if zh else group.en, [
        (column.field, f"{column.header.rstrip('*')}" if zh else f"{column.field.removeprefix('facility:').replace('_', ' ')}")
        for column in group.columns]) for group in groups(vocabulary)]
    title, more = _MORE
    offered = {field for group in found for field, _ in group.fields}
    return (*found, Group(title.in_language(language), [(field, words.in_language(language)) for field, words in more if field not in offered]))


def fields(held: Held, language: str) -> tuple[Group, ...]:
    """Return every field a column may hold, in groups, with its words."""
    return held.derived(("fields of a column", language), lambda atlas: _made(atlas.vocabulary, language))


def words(held: Held, language: str) -> Mapping[str, str]:
    """Return the words of every field by its code."""
    return {field: said for group in fields(held, language) for field, said in group.fields}
