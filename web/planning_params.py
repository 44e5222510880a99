"""What coverage, gaps and comparisons are asked of: the tables of their parameters, and the question that a request says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from geodata import side_words
from geodata.studies import COMPARE, GAPS, Asked
from geodata.studies.asked import COARSEST_M
from locator import lines, questions, typed
from locator.areas import AreaTree
from locator.atlas import Atlas
from locator.errors import BadValue, NotThere, Refusal
from locator.filters import Filters
from locator.questions import CoverageQuestion
from locator.vocabulary import Vocabulary
from locator.words import Words
from web import params, values
from web.fields import Fields
from web.pairs import Pairs
from web.params import Param

_NUMBER = {"type": "number", "exclusiveMinimum": 0}
_TEXT = {"type": "string"}
_OF_NEAREST = {param.name: param for param in params.NEAREST}
_FILTERS = tuple(_OF_NEAREST[name] for name in ("kind", "facility", "eligibility", "state", "strict", "verified_only"))
_SIDE = {"type": "string", "example": "now"}
PLACE = (
    Param("radius", {**_NUMBER, "maximum": questions.LONGEST_M, "example": 1000},
          Words("服务半径（米），直线；与 walk 二者给一", "service radius, metres in a straight line; this or `walk`")),
    Param("walk", {**_NUMBER, "maximum": questions.LONGEST_MIN},
          Words("步行分钟数；没有路网时按直线 × 1.25 估算，答案会注明", "minutes on foot; without a network estimated, and said so")),
    Param("at", {"type": "string", "format": "date-time"},
          Words("只算此时开放的；不写时区即北京时间", "only sites open then; Beijing time unless an offset is given")),
    Param("week", {"type": "boolean", "default": False},
          Words("一周每个小时；at 所在的一周，默认本周", "every hour of the week of `at`, or of this one")),
    Param("fold", {"type": "integer", "minimum": 1, "maximum": questions.MOST_FOLD, "default": 1},
          Words("至少几个站点够得着才算", "within reach of at least so many")),
    Param("area", _TEXT, Words("只看这个区域：代码或名称", "this area only: code or name")),
    Param("by", _TEXT, Words("按哪一级分列，如 district、street", "a line for each area of this tier: district, street")),
    *_FILTERS,
    Param("demand", _TEXT, Words("用哪份人口：需求图层的名称，或 census", "which figures of people: the name of a layer, or census")),
    params.LANG,
)
OF_GAPS = (
    *PLACE[:-1],
    Param("top", {"type": "integer", "minimum": 1}, Words("只列人最多的几个；默认全部", "only so many, those with most people; all by default")),
    Param("tolerance", {**_NUMBER, "maximum": COARSEST_M},
          Words("边界离真实边界最多几米；默认 1，沿路网的为 25", "how far edges may be from the true ones, metres; 1 by default, along streets 25")),
    params.LANG,
)
OF_COMPARE = (
    Param("before", _SIDE, Words("之前：now、日期、at:时刻、without:编号,编号、with:经度,纬度;经度,纬度,名称",
                                 "one side: now, a date, at:TIME, without:ID,ID, with:LON,LAT;LON,LAT,NAME"),
          required=True, longest=side_words.LONGEST),
    Param("after", _SIDE, Words("之后：now、日期、at:时刻、without:编号,编号、with:经度,纬度;经度,纬度,名称",
                                "the other side: now, a date, at:TIME, without:ID,ID, with:LON,LAT;LON,LAT,NAME"),
          required=True, longest=side_words.LONGEST),
    *PLACE,
)


def asked(what: str, pairs: Pairs, takes: Sequence[Param], atlas: Atlas, now: datetime) -> Asked:
    """Return the study that a request asks for.

    Args:
        what: `Asked.what`.
        pairs: Names and values.
        takes: The table they are read by.
        atlas: Whose codes and areas are meant.
        now: With an offset.

    Raises:
        Refused: With everything that is wrong, if anything is.
    """
    fields = Fields(pairs, takes, lenient=False)
    filters = _filters(fields, atlas.vocabulary)
    given: dict[str, Any] = {
        "radius_m": fields.one("radius", typed.metres), "walk_min": fields.one("walk", typed.minutes), "at": fields.one("at", typed.moment),
        "week": fields.one("week", values.flag), "fold": fields.one("fold", values.count), "by": fields.one("by", values.short_text),
        "area": fields.one("area", partial(_area, atlas.areas))}
    more: dict[str, Any] = {"demand": fields.one("demand", values.short_text)}
    if what == GAPS:
        more |= {"top": fields.one("top", values.count), "tolerance_m": fields.one("tolerance", typed.metres)}
    if what == COMPARE:
        more |= {"before": fields.one("before", values.text), "after": fields.one("after", values.text)}
    fields.refuse()
    given, more = ({name: value for name, value in some.items() if value is not None} for some in (given, more))
    said = dict(pairs)
    question = fields.check(lambda: typed.quoted(said, lambda: CoverageQuestion(filters, **given)))
    found = None if question is None else fields.check(lambda: typed.quoted(
        said, lambda: Asked.at(now, what, _placed(question, atlas), areas=atlas.areas, **more)))
    fields.refuse()
    assert found is not None  # or refused
    return found


def _filters(fields: Fields, vocabulary: Vocabulary) -> Filters:
    coded = {section: tuple(fields.many(section, vocabulary.code)) for section in ("kind", "facility", "eligibility")}
    return Filters.of(vocabulary, kinds=coded["kind"], facilities=coded["facility"], eligibility=coded["eligibility"],
                      state=fields.one("state", values.state), strict=bool(fields.one("strict", values.flag)),
                      verified_only=bool(fields.one("verified_only", values.flag)))


def _area(areas: AreaTree, field: str, said: str) -> str:
    try:
        return areas.code(said)
    except NotThere as unknown:
        raise BadValue(field, said, zh=unknown.words.zh, en=unknown.words.en) from None


def _placed(question: CoverageQuestion, atlas: Atlas) -> CoverageQuestion:
    """Refuse a tier that the area does not have: told at once, not by a job."""
    lines.areas_asked(question, atlas.areas)
    return question


def unfound(refusal: Refusal) -> Refusal:
    """Return a refusal of what a parameter names as one of that parameter: the address itself is there."""
    return BadValue(refusal.field, refusal.value, zh=refusal.words.zh, en=refusal.words.en) if isinstance(refusal, NotThere) else refusal
