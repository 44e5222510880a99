"""What each route of the API takes: one table of parameters a route, each with its schema and its words.

The table serves three readers: whoever reads a request (`web.fields`), the published contract, and
the refusal of a name that is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from locator import questions
from locator.clusters import MOST_WITHOUT
from locator.filters import STATES
from locator.mercator import DEEPEST_ZOOM
from locator.questions import DATUMS
from locator.travel import WAYS
from locator.words import Words


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: what it is called, what it may be, what it means."""

    name: str
    schema: Mapping[str, Any]
    words: Words
    many: bool = False
    required: bool = False
    longest: int = 1000
    """Characters of its value."""


_NUMBER: Mapping[str, Any] = {"type": "number"}
_TEXT: Mapping[str, Any] = {"type": "string"}
_FLAG: Mapping[str, Any] = {"type": "boolean", "default": False}


def _one_of(values: Iterable[str], default: str | None = None) -> Mapping[str, Any]:
    schema: dict[str, Any] = {"type": "string", "enum": list(values)}
    return schema if default is None else {**schema, "default": default}


LANG = Param("lang", _TEXT, Words("语言：zh-CN 或 en；默认看 Accept-Language", "language: zh-CN or en; Accept-Language otherwise"))
KIND = Param("kind", _TEXT, Words("站点类别，任一即可；代码或名称", "kinds of site, any of them; codes or names"), many=True)
FACILITY = Param("facility", _TEXT, Words("设施，须全部具备；代码或名称", "facilities, all of them; codes or names"), many=True)
AREA = Param("area", _TEXT, Words("区或街道，任一即可；代码或名称", "districts or streets, any of them; codes or names"), many=True)
NEAREST = (
    Param("lon", {**_NUMBER, "minimum": -180, "maximum": 180, "example": 116.4},
          Words("经度，按 datum", "longitude, in `datum`"), required=True),
    Param("lat", {**_NUMBER, "minimum": -90, "maximum": 90, "example": 39.93},
          Words("纬度，按 datum", "latitude, in `datum`"), required=True),
    Param("k", {"type": "integer", "minimum": 1, "maximum": questions.MOST_ANSWERS, "default": 10},
          Words("最多几个站点", "at most this many sites")),
    Param("within", {**_NUMBER, "exclusiveMinimum": 0}, Words("最远距离（米），含", "farthest distance in metres, inclusive")),
    KIND,
    FACILITY,
    Param("eligibility", _TEXT, Words("服务对象，任一即可", "who may use it, any of them"), many=True),
    AREA,
    Param("need", _TEXT, Words("所需，例如 热水；见 vocabulary 的 needs", "what one needs, e.g. hot_water; see `needs` of the vocabulary"),
          many=True),
    Param("state", _one_of(STATES), Words("此刻开放、到达时开放、全天开放", "open now, open on arrival, open 24 hours that day")),
    Param("strict", _FLAG, Words("不含开放与否不明的站点", "leave out sites whose state is unknown")),
    Param("verified_only", _FLAG, Words("只要核实过的站点", "verified sites only")),
    Param("at", {"type": "string", "format": "date-time"},
          Words("何时；不写时区即北京时间；默认此刻", "when; Beijing time unless an offset is given; now by default")),
    Param("by", _one_of(WAYS, "walk"), Words("步行或电动车", "on foot or by e-bike")),
    Param("network", _FLAG, Words("按步行路网计算", "measure along the walking network")),
    Param("datum", _one_of(DATUMS, "wgs84"), Words("坐标系：输入与输出", "datum of the coordinates given and returned")),
    Param("accuracy_m", {**_NUMBER, "exclusiveMinimum": 0}, Words("定位误差（米）", "how vague the position is, metres")),
    LANG,
)
_OF_NEAREST = {param.name: param for param in NEAREST}
CLUSTERS = (
    Param("bbox", {"type": "string", "example": "116.3,39.9,116.5,40.0"},
          Words("西,南,东,北，按 datum；边上的站点算在内", "west,south,east,north, in `datum`; its edges belong to it"), required=True),
    Param("zoom", {"type": "integer", "minimum": 0, "maximum": DEEPEST_ZOOM, "example": 12},
          Words("地图级别（Web 墨卡托），每格 64 像素", "the map's zoom (web Mercator); a cell is 64 pixels wide"), required=True),
    *(_OF_NEAREST[name] for name in ("kind", "facility", "eligibility", "area", "need", "state", "strict", "verified_only", "at", "datum")),
    Param("without", _TEXT, Words(f"地图上已画出的站点编号，不再计入，最多 {MOST_WITHOUT} 个",
                                  f"ids that the map draws already: not counted; at most {MOST_WITHOUT}"), many=True),
    LANG,
)
SITES = (
    Param("bbox", {"type": "string", "example": "116.3,39.9,116.5,40.0"},
          Words("西,南,东,北（WGS-84）", "west,south,east,north (WGS-84)")),
    KIND, FACILITY, AREA,
    Param("since", {"type": "integer", "minimum": 0},
          Words("只要此版本之后的改动，含已撤下的", "only what changed after this version, with what was taken away")),
    Param("limit", {"type": "integer", "minimum": 1, "maximum": questions.MOST_ANSWERS, "default": 100},
          Words("一页几个", "how many a page")),
    Param("cursor", _TEXT, Words("上一页给出的 next", "the `next` of the page before")),
    LANG,
)
SITE = (Param("on", {"type": "string", "format": "date"}, Words("这一天的记录", "the record as it was on that day")), LANG)
SEARCH = (
    Param("q", _TEXT, Words("名称、地址、拼音或首字母", "a name, address, pinyin or initials"), required=True),
    Param("k", {"type": "integer", "minimum": 1, "maximum": questions.MOST_ANSWERS, "default": 10},
          Words("最多几个结果", "at most this many results")),
    LANG,
)
PLAIN = (LANG,)
