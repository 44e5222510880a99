"""Request → question: with the codes of one atlas, and what is often asked remembered.

A misspelt filter that was ignored would make a wrong answer, so the API refuses names it does not
know; pages, whose addresses other people decorate, pass them over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from locator import questions, typed
from locator.areas import AreaTree
from locator.errors import BadValue, NotThere, Refusal
from locator.filters import Filters
from locator.questions import NearestQuestion, SearchQuestion
from locator.vocabulary import Need, Vocabulary
from web import params, values
from web.fields import Fields
from web.pairs import Pairs
from web.params import Param

_MOST_REMEMBERED = 4096
_LONGEST_REMEMBERED = 500
"""Characters of a request without its position: what is remembered stays a few megabytes."""


@dataclass(frozen=True, slots=True)
class SitesQuestion:
    """Which page of the registry's public part?"""

    filters: Filters = Filters()
    bbox: tuple[float, float, float, float] | None = None
    since: int | None = None
    limit: int = 100
    cursor: str | None = None


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
        fields = Fields(pairs, params.NEAREST, lenient)
        lon, lat = fields.one("lon", typed.degrees), fields.one("lat", typed.degrees)
        if lon is not None and lat is not None:
            fields.check(lambda: questions.check_lonlat(lon, lat))
        given: dict[str, Any] = {
            "k": fields.one("k", values.count), "within_m": fields.one("within", typed.metres),
            "at": fields.one("at", typed.moment), "by": fields.one("by", values.text), "datum": fields.one("datum", values.text),
            "network": fields.one("network", values.flag), "accuracy_m": fields.one("accuracy_m", typed.metres),
        }
        filters = self.filters(fields)
        given = {name: value for name, value in given.items() if value is not None}
        for name, value in given.items():  # one by one: a question refuses its first fault only
            fields.check(partial(NearestQuestion, 0.0, 0.0, **{name: value}))
        fields.refuse()
        assert lon is not None  # required, or refused
        assert lat is not None
        return NearestQuestion(lon, lat, filters=filters, **given)

    def filters(self, fields: Fields) -> Filters:
        """Return the filters that a request's values say; what will not do is kept in `fields`."""
        coded = {section: list(fields.many(section, lambda f, said: self._vocabulary.code(f, said)))
                 for section in ("kind", "facility", "eligibility")}
        state = fields.one("state", values.state)
        for need in fields.many("need", self._need):
            for section, codes in need.filters.items():
                if section == "state":
                    state = codes[0]
                else:
                    coded[section].extend(codes)
        areas = [code for codes in fields.many("area", self._area) for code in codes]
        return Filters(kinds=tuple(sorted(set(coded["kind"]))), facilities=tuple(sorted(set(coded["facility"]))),
                       eligibility=tuple(sorted(set(coded["eligibility"]))), state=state,
                       strict=bool(fields.one("strict", values.flag)), verified_only=bool(fields.one("verified_only", values.flag)),
                       areas=tuple(sorted(set(areas))))

    def _need(self, field: str, said: str) -> Need:
        needs = self._vocabulary.needs
        if said in needs:
            return needs[said]
        for need in needs.values():
            if said.strip().casefold() in (need.words.zh.casefold(), need.words.en.casefold()):
                return need
        known = [need.words for need in needs.values()]  # a need may be named by its words, which people can read
        raise BadValue(field, said, zh=f"没有这个需求；可用：{'、'.join(words.zh for words in known)}",
                       en=f"no such need; known: {', '.join(words.en for words in known)}")

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
        fields = Fields(pairs, params.SITES, lenient=False)
        bbox = fields.one("bbox", values.bbox)
        since = fields.one("since", values.whole)
        limit = fields.one("limit", values.count)
        if limit is not None:
            fields.check(lambda: questions.check_count("limit", limit, most=questions.MOST_ANSWERS))
        filters = self.filters(fields)
        cursor = fields.one("cursor", values.text)
        fields.refuse()
        return SitesQuestion(filters, bbox, since, 100 if limit is None else limit, cursor)


def search(pairs: Pairs, *, lenient: bool = False) -> SearchQuestion:
    """Return the search of a request.

    Raises:
        Refused: With everything that is wrong, if anything is.
    """
    fields = Fields(pairs, params.SEARCH, lenient)
    text, k = fields.one("q", values.short_text), fields.one("k", values.count)
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
    fields = Fields(pairs, params.SITE, lenient=False)
    day = fields.one("on", values.day)
    fields.refuse()
    return day


def only_known(pairs: Pairs, takes: Sequence[Param] = params.PLAIN) -> None:
    """Refuse names that a route does not take.

    Raises:
        Refused: With every such name.
    """
    Fields(pairs, takes, lenient=False).refuse()
