"""What the planner's page shows of a study: its figures, its areas, its ground not served, as words and widths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import current_app, url_for

from geodata.studies import COMPARE, Study
from locator.areas import AreaTree
from locator.typed import BEIJING
from locator.vocabulary import Vocabulary
from locator.words import Words
from web import phrases
from web.i18n import gettext, language
from web.planner_asked import Asked
from web.planner_form import parts

MOST_SINGLE = 5
SORTS = ("name", "people", "coverage_share", "bare", "area_share", "median_m", "p90_m", "sites", "people_per_site", "single", "emptiest")
"""By what the table of areas may be put in order."""
OPEN = "_if_unknown_open"
_FILES = "planner_files.download"
_SUFFIXES = (("gpkg", "GeoPackage (QGIS)"), ("xlsx", "Excel"), ("geojson", "GeoJSON"))
_OTHER_WAY = ("name", "coverage_share", "area_share", "sites")
"""These begin with the least: whoever looks for what is missing wants that first."""


class Link(NamedTuple):
    """Somewhere to go."""

    address: str
    words: str


class Chart(NamedTuple):
    """A picture, and the same for a slide and for paper."""

    address: str
    words: str
    screen: str
    paper: str


class Both(NamedTuple):
    """A figure, and what it is if hours that nobody knows are open."""

    sure: float | None
    maybe: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One area's line."""

    code: str
    name: str
    people: float | None
    share: Both
    covered: Both
    figures: Mapping[str, Any]
    note: str | None
    address: str
    """Of this area's own page."""
    emptiest: float | None
    """Metres about its emptiest point that hold no site."""

    @property
    def bare(self) -> float | None:
        """Its people who are not served."""
        return None if self.people is None or self.covered.sure is None else self.people - self.covered.sure

    @property
    def single(self) -> float | None:
        """Its people who depend on one site alone."""
        return None if self.people is None else float(self.figures["single_site"]["people"])

    def value(self, name: str) -> Any:
        """Return what the table is put in order by; None where there is none."""
        if name in ("bare", "single", "emptiest"):
            return getattr(self, name)
        return self.name if name == "name" else self.people if name == "people" else self.figures.get(name)


def rows(part: Mapping[str, Any], gaps: Mapping[str, Any] | None, asked: Asked, tree: AreaTree) -> tuple[list[Row], Row]:
    """Return the lines of an answer of coverage, as they come, and that of all; with what its gaps say of an area."""
    circles = {one["code"]: one["radius_m"] for one in (gaps or {}).get("emptiest_circles", ())}
    found = [_row(line, circles.get(line["code"]), asked, tree) for line in (*part["areas"], part["total"])]
    return found[:-1], found[-1]


def _row(line: Mapping[str, Any], emptiest: float | None, asked: Asked, tree: AreaTree) -> Row:
    code = line["code"]
    return Row(code, line["name"], line["people"], Both(line["coverage_share"], line.get(f"coverage_share{OPEN}")),
               Both(line["covered"], line.get(f"covered{OPEN}")), line, line["note"],
               asked.asking(area=code, by=parts(tree, code)).address(), emptiest)


def in_order(found: Sequence[Row], sort: str, *, reverse: bool) -> list[Row]:
    """Return lines by a figure, those that do not have it last."""
    having = [one for one in found if one.value(sort) is not None]
    return sorted(having, key=lambda one: one.value(sort), reverse=reverse) + [one for one in found if one.value(sort) is None]


def falls(sort: str) -> bool:
    """Return whether an order begins with the most, when it is first asked for."""
    return sort not in _OTHER_WAY


def tongue() -> str:
    """Return the language of a study's parts that the reader reads."""
    return "zh" if language().startswith("zh") else "en"


def said(words: Sequence[str]) -> str:
    """Return a reason that a study gives in both languages, as a sentence of its own."""
    said = Words(*words).in_language(language())
    return f"{said}。" if tongue() == "zh" else f"{said[:1].upper()}{said[1:]}."


def exactly(metres: float) -> str:
    """Return metres as they were asked: kilometres where a tenth of one says the same, never rounded."""
    return phrases.distance(metres) if metres >= 1000 and metres % 100 == 0 else gettext("{n} m").format(n=f"{metres:,.10g}")


def in_words(asked: Asked, vocabulary: Vocabulary) -> str:
    """Return the question in words, beside its area."""
    question, filters = asked.question, asked.question.filters
    tongue = language()
    found = [gettext("a site within {distance}").format(distance=exactly(question.radius_m)) if question.radius_m is not None
             else gettext("a site within {n} minutes on foot").format(n=f"{question.walk_min:g}")]
    if question.fold > 1:
        found.append(gettext("at least {n} sites").format(n=question.fold))
    for name, codes in (("kind", filters.kinds), ("facility", filters.facilities), ("eligibility", filters.eligibility)):
        terms = vocabulary.terms(name)
        found += [", ".join(terms[code].words.in_language(tongue) for code in codes)] if codes else []
    found += [gettext("open 24 hours")] if filters.state == "all-day" else []
    found += [gettext("verified sites only")] if filters.verified_only else []
    if question.at is not None:
        at = question.at.astimezone(BEIJING)
        found.append(gettext("in the week of {day}").format(day=at.date().isoformat()) if question.week else
                     gettext("open on {day} at {hour}").format(day=at.date().isoformat(), hour=f"{at:%H:%M}"))
    return " · ".join(found)


def files(study: Study) -> dict[str, Any]:
    """Return what can be taken away of a study: charts as pictures, and files; those that this server makes."""
    if _FILES not in current_app.view_functions:
        return {"charts": [], "downloads": []}
    downloads = [Link(url_for(_FILES, key=study.key, suffix=suffix), words) for suffix, words in _SUFFIXES]
    downloads += [Link(url_for("planner_files.map_picture", key=study.key, size=size), words)
                  for size, words in (("screen", gettext("Map for a slide (PNG)")), ("print", gettext("Map for paper (PNG)")))]
    return {"charts": [_chart(study, name, words) for name, words in _charts(study)],
            "downloads": [*downloads, Link(url_for("planner_files.report", key=study.key), gettext("Report to print"))]}


def _charts(study: Study) -> list[tuple[str, str]]:
    """Return the charts that a study has figures for: of an area without an outline there are none."""
    compared = study.asked.what == COMPARE
    total = study.part("change" if compared else "coverage", tongue())["total"]
    if not total["people"]:
        return []
    if compared:
        return [("change", gettext("Who gains and who loses, by area"))]
    told = [("distances", gettext("People by distance to the nearest site")), ("areas", shares("areas", study.asked.question.fold))]
    return told + ([("hours", shares("hours", study.asked.question.fold))] if total.get("by_hour") else [])


def shares(name: str, fold: int) -> str:
    """Return what a chart of the shares of people who so many sites serve is called, by its name."""
    if fold == 1:
        return {"areas": gettext("Share of people served, by area"), "hours": gettext("Share of people served, hour by hour"),
                "hours-areas": gettext("Share of people served, by area and hour"),
                "day": gettext("Share of people served in each hour of the day")}[name]
    return {"areas": gettext("Share of people served by at least {n} sites, by area"),
            "hours": gettext("Share of people served by at least {n} sites, hour by hour"),
            "hours-areas": gettext("Share of people served by at least {n} sites, by area and hour"),
            "day": gettext("Share of people served by at least {n} sites in each hour of the day")}[name].format(n=fold)


def _chart(study: Study, name: str, words: str) -> Chart:
    screen, paper = (url_for("planner_files.chart", key=study.key, name=name, suffix="png", size=size) for size in ("screen", "print"))
    return Chart(url_for("planner_files.chart", key=study.key, name=name, suffix="svg"), words, screen, paper)
