"""Query string → question. Everything wrong with a request is refused at once, field by field.

One table of parameters a route serves three readers: this parser, the published contract, and the
refusal of a name that is not in it. A misspelt filter that was ignored would make a wrong answer, so
the API refuses names it does not know; pages, whose addresses other people decorate, pass them over.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import orjson
from flask import Request

from locator import questions, typed
from locator.areas import AreaTree
from locator.errors import BadCoordinate, BadTime, BadValue, NotThere, Refusal
from locator.filters import STATES, Filters
from locator.questions import DATUMS, NearestQuestion, SearchQuestion
from locator.travel import WAYS
from locator.vocabulary import Need, Vocabulary
from locator.words import Words
from web.errors import Refused

Pairs = Sequence[tuple[str, str]]
Result = TypeVar("Result")

LONGEST_TEXT = 200
LONGEST_VALUE = 1000
MOST_PARAMETERS = 200
MOST_TOLD = 10
"""Faults of one request: finding the nearest code to each of thousands would take minutes."""
_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 500
"""Characters of a request without its position: what is remembered stays a few megabytes."""
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: what it is called, what it may be, what it means."""

    name: str
    schema: Mapping[str, Any]
    words: Words
    many: bool = False
    required: bool = False


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
_LISTS = frozenset(p.name for p in NEAREST if p.many)
"""What may be a list in a JSON body; only `nearest` takes a body."""
_TEXTS = frozenset(p.name for p in NEAREST if p.schema.get("type") == "string")


@dataclass(frozen=True, slots=True)
class SitesQuestion:
    """Which page of the registry's public part?"""

    filters: Filters = Filters()
    bbox: tuple[float, float, float, float] | None = None
    since: int | None = None
    limit: int = 100
    cursor: str | None = None


def pairs_of(request: Request) -> Pairs:
    """Return the names and values of a request, from its query string and, for a POST, its body.

    A JSON body is an object of the same names; a list in it is a repeated parameter, null is absence.
    """
    said = request.environ.get("QUERY_STRING", "")
    if not said.isascii():  # sent unescaped: WSGI hands the bytes on as Latin-1
        said = said.encode("latin-1").decode("utf-8", "replace")
    pairs = pairs_in(said)
    if request.method != "POST":
        return pairs
    if request.mimetype == "application/x-www-form-urlencoded":
        pairs = [*pairs, *request.form.items(multi=True)]
    else:
        pairs = [*pairs, *_pairs_of_json(request.get_data(cache=False))]
    if len(pairs) > MOST_PARAMETERS:
        raise _too_many()
    return pairs


def pairs_in(query: str) -> Pairs:
    """Return the names and values of a query string, as `urllib.parse.parse_qsl` reads it.

    Raises:
        BadValue: If there are too many.
    """
    if query.count("&") >= MOST_PARAMETERS:
        raise _too_many()
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True, errors="replace")
    return [(name, value) for name, _, value in [part.partition("=") for part in query.split("&") if part]]


def _too_many() -> BadValue:
    return BadValue("query", None, zh=f"参数不应超过 {MOST_PARAMETERS} 个", en=f"at most {MOST_PARAMETERS} parameters")


def _pairs_of_json(body: bytes) -> Pairs:
    try:
        given = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadValue("body", None, zh=f"不是 JSON：第 {error.lineno} 行第 {error.colno} 列",
                       en=f"not JSON: line {error.lineno}, column {error.colno}") from None
    if not isinstance(given, dict):
        raise BadValue("body", None, zh="应为一个 JSON 对象", en="must be a JSON object")
    return [(name, _plain(name, one)) for name, value in given.items() for one in _values(name, value)]


def _values(name: str, value: Any) -> list[Any]:
    """Return the values of one member of a body: null is none."""
    if not isinstance(value, list):
        return [] if value is None else [value]
    if name not in _LISTS:
        raise BadValue(name, orjson.dumps(value).decode(), zh="只能给一个值，不能是列表", en="must be one value, not a list")
    return value


def _plain(name: str, value: Any) -> str:
    """Return a value of a body as a query string would write it."""
    if isinstance(value, bool) and name not in _TEXTS:
        return "true" if value else "false"
    if isinstance(value, str) or (isinstance(value, int | float) and name not in _TEXTS):
        return str(value)
    raise BadValue(name, orjson.dumps(value).decode(), zh="应为文字、数字或它们的列表，与接口说明一致",
                   en="must be a text, a number or a list of them, as the contract says")


class Reader:
    """Reads requests with one atlas's codes, and remembers how often-asked filters read."""

    def __init__(self, vocabulary: Vocabulary, areas: AreaTree) -> None:
        """Take the codes that may be asked for."""
        self._vocabulary = vocabulary
        self._areas = areas
        self._remembered: dict[Pairs, partial[NearestQuestion]] = {}

    def nearest(self, pairs: Pairs, *, lenient: bool = False) -> NearestQuestion:
        """Return the question of a request.

        Args:
            pairs: Names and values.
            lenient: True for a page: unknown names and blank values are passed over.

        Raises:
            Refused: With everything that is wrong, up to `MOST_TOLD` faults, if anything is.
        """
        # Positions differ from asker to asker, filters hardly: what is left without the position is
        # read once, and a request of a known form costs two conversions.
        lon = lat = None
        rest = []
        for pair in pairs:
            name = pair[0]
            if name == "lon" and lon is None:
                lon = pair[1]
            elif name == "lat" and lat is None:
                lat = pair[1]
            else:
                rest.append(pair)
        form = None if lenient else self._remembered.get(key := tuple(rest))
        if form is not None and lon is not None and lat is not None:
            try:
                return form(typed.degrees("lon", lon), typed.degrees("lat", lat))
            except Refusal:
                pass  # read again below, to collect all that is wrong
        question = self._nearest(pairs, lenient)
        # when and how exactly one asks is as personal as where: never remembered
        short = sum(len(name) + len(value) for name, value in rest) <= _LONGEST_REMEMBERED
        if short and not lenient and not any(name in ("at", "accuracy_m") for name, _ in rest):
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = partial(
                NearestQuestion, k=question.k, filters=question.filters, within_m=question.within_m, by=question.by,
                network=question.network, datum=question.datum)
        return question

    def _nearest(self, pairs: Pairs, lenient: bool) -> NearestQuestion:
        fields = _Fields(pairs, NEAREST, lenient)
        lon, lat = fields.one("lon", typed.degrees), fields.one("lat", typed.degrees)
        if lon is not None and lat is not None:
            fields.check(lambda: questions.check_lonlat(lon, lat))
        given: dict[str, Any] = {
            "k": fields.one("k", _count), "within_m": fields.one("within", typed.metres),
            "at": fields.one("at", typed.moment), "by": fields.one("by", _text), "datum": fields.one("datum", _text),
            "network": fields.one("network", _flag), "accuracy_m": fields.one("accuracy_m", typed.metres),
        }
        filters = self._filters(fields)
        given = {name: value for name, value in given.items() if value is not None}
        for name, value in given.items():  # one by one: a question refuses its first fault only
            fields.check(partial(NearestQuestion, 0.0, 0.0, **{name: value}))
        fields.refuse()
        assert lon is not None  # required, or refused
        assert lat is not None
        return NearestQuestion(lon, lat, filters=filters, **given)

    def _filters(self, fields: _Fields) -> Filters:
        coded = {section: list(fields.many(section, lambda f, said: self._vocabulary.code(f, said)))
                 for section in ("kind", "facility", "eligibility")}
        state = fields.one("state", _state)
        for need in fields.many("need", self._need):
            for section, codes in need.filters.items():
                if section == "state":
                    state = codes[0]
                else:
                    coded[section].extend(codes)
        areas = [code for codes in fields.many("area", self._area) for code in codes]
        return Filters(kinds=tuple(sorted(set(coded["kind"]))), facilities=tuple(sorted(set(coded["facility"]))),
                       eligibility=tuple(sorted(set(coded["eligibility"]))), state=state,
                       strict=bool(fields.one("strict", _flag)), verified_only=bool(fields.one("verified_only", _flag)),
                       areas=tuple(sorted(set(areas))))

    def _need(self, field: str, said: str) -> Need:
        needs = self._vocabulary.needs
        if said in needs:
            return needs[said]
        for need in needs.values():
            if said.strip().casefold() in (need.words.zh.casefold(), need.words.en.casefold()):
                return need
        raise BadValue(field, said, zh=f"没有这个需求；可用：{'、'.join(needs)}", en=f"no such need; known: {', '.join(needs)}")

    def _area(self, field: str, said: str) -> frozenset[str]:
        """Return the codes of an area and of all within it."""
        try:
            return self._areas.subtree(self._areas.code(said))
        except NotThere as unknown:
            raise BadValue(field, said, zh=unknown.words.zh, en=unknown.words.en) from None

    def sites(self, pairs: Pairs) -> SitesQuestion:
        """Return which part of the registry a request asks for.

        Raises:
            Refused: With everything that is wrong, if anything is.
        """
        fields = _Fields(pairs, SITES, lenient=False)
        bbox = fields.one("bbox", _bbox)
        since = fields.one("since", _whole)
        limit = fields.one("limit", _count)
        if limit is not None:
            fields.check(lambda: questions.check_count("limit", limit, most=questions.MOST_ANSWERS))
        filters = self._filters(fields)
        cursor = fields.one("cursor", _text)
        fields.refuse()
        return SitesQuestion(filters, bbox, since, 100 if limit is None else limit, cursor)


def search(pairs: Pairs, *, lenient: bool = False) -> SearchQuestion:
    """Return the search of a request.

    Raises:
        Refused: With everything that is wrong, if anything is.
    """
    fields = _Fields(pairs, SEARCH, lenient)
    text, k = fields.one("q", _short_text), fields.one("k", _count)
    for given in ({"text": text}, {"text": "x", "k": k}):
        if None not in given.values():
            fields.check(partial(SearchQuestion, **given))
    fields.refuse()
    assert text is not None  # required, or refused
    return SearchQuestion(text) if k is None else SearchQuestion(text, k)


def on_day(pairs: Pairs) -> date | None:
    """Return the day a record is asked for, None for today's.

    Raises:
        Refused: With everything that is wrong, if anything is.
    """
    fields = _Fields(pairs, SITE, lenient=False)
    day = fields.one("on", _day)
    fields.refuse()
    return day


def only_known(pairs: Pairs, params: Sequence[Param] = PLAIN) -> None:
    """Refuse names that a route does not take.

    Raises:
        Refused: With every such name.
    """
    _Fields(pairs, params, lenient=False).refuse()


class _Fields:
    """The values of one request by name, and what was wrong with them so far."""

    def __init__(self, pairs: Pairs, params: Sequence[Param], lenient: bool) -> None:
        self._params = {p.name: p for p in params}
        self._values: dict[str, list[str]] = {}
        self._refusals: list[Refusal] = []
        for name, value in pairs:
            param = self._params.get(name)
            if param is None:
                if not lenient and len(self._refusals) < MOST_TOLD:
                    self._refusals.append(self._unknown(name, value))
            elif len(value) > LONGEST_VALUE:
                self._refusals.append(BadValue(name, value, zh=f"最长 {LONGEST_VALUE} 个字", en=f"at most {LONGEST_VALUE} characters"))
            elif not (lenient and not value.strip()):
                held = self._values.setdefault(name, [])
                if held and not param.many and not lenient:
                    self._refusals.append(BadValue(name, value, zh="只能给一个值", en="may be given once only"))
                held.append(value)
        for param in params:
            if param.required and param.name not in self._values:
                kind = BadCoordinate if param.name in ("lon", "lat") else BadValue
                self._refusals.append(kind(param.name, None, zh=f"缺少：{param.words.zh}", en=f"missing: {param.words.en}"))

    def _unknown(self, name: str, value: str) -> Refusal:
        near = difflib.get_close_matches(name[:LONGEST_VALUE], self._params, n=1, cutoff=0.0)[0]
        known = ", ".join(self._params)
        return BadValue(name, value, zh=f"没有这个参数，最接近的是 {near}；可用：{known}",
                        en=f"no such parameter; the nearest is {near}; known: {known}")

    def one(self, name: str, read: Callable[[str, str], Result]) -> Result | None:
        values = self._values.get(name)
        return self.check(lambda: read(name, values[0])) if values else None

    def many(self, name: str, read: Callable[[str, str], Result]) -> Iterable[Result]:
        for value in self._values.get(name, ()):
            if len(self._refusals) >= MOST_TOLD:
                return
            result = self.check(partial(read, name, value))
            if result is not None:
                yield result

    def check(self, judge: Callable[[], Result]) -> Result | None:
        try:
            return judge()
        except Refusal as refusal:
            self._refusals.append(refusal)
            return None

    def refuse(self) -> None:
        if self._refusals:
            raise Refused(self._refusals[:MOST_TOLD])


def _text(_field: str, text: str) -> str:
    return text


def _short_text(field: str, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise BadValue(field, text, zh=f"最长 {LONGEST_TEXT} 个字", en=f"at most {LONGEST_TEXT} characters")
    return text


def _count(field: str, text: str) -> int:
    return typed.count(field, text[:LONGEST_TEXT])


def _whole(field: str, text: str) -> int:
    number = _count(field, text)
    if not 0 <= number < 1 << 53:
        raise BadValue(field, text, zh="应为 0 或更大的整数", en="must be a whole number, 0 or more")
    return number


def _flag(field: str, text: str) -> bool:
    said = text.strip().lower()
    if said not in _TRUE + _FALSE:
        raise BadValue(field, text, zh="应为 true 或 false", en="must be true or false")
    return said in _TRUE


def _state(field: str, text: str) -> str:
    if text not in STATES:
        raise BadValue(field, text, zh=f"应为 {'、'.join(STATES)} 之一", en=f"must be one of {', '.join(STATES)}")
    return text


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadTime(field, text, zh="没有这一天；应为 2026-10-01 这样的日期", en="no such day; write it like 2026-10-01") from None


def _bbox(field: str, text: str) -> tuple[float, float, float, float]:
    parts = text.split(",")
    if len(parts) != 4:
        raise BadCoordinate(field, text, zh="应为 西,南,东,北 四个度数", en="must be four degrees: west,south,east,north")
    west, south, east, north = (typed.degrees(field, part) for part in parts)
    questions.check_lonlat(west, south, names=(field, field))
    questions.check_lonlat(east, north, names=(field, field))
    if south > north or west > east:
        raise BadCoordinate(field, text, zh="应先西南角、后东北角", en="must be the south-west corner, then the north-east one")
    return west, south, east, north
