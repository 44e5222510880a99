"""What the printed report of a study shows: its headline, tables, charts and method, as a template writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from flask import current_app, url_for

from geodata.studies import Study
from geodata.study_files import columns, wording
from geodata.study_files.contents import Contents
from web import basemap
from web.i18n import gettext
from web.planner_shown import shares

MOST_GAPS: Final = 20
"""Told one by one on paper; all are in the files."""
_MAYBE = "_if_unknown_open"


class Figure(NamedTuple):
    """One of the figures at the head."""

    value: str
    words: str


class Table(NamedTuple):
    """Headers, which of them stand over numbers, and rows of texts; the last row may be the total."""

    headers: Sequence[str]
    numbers: Sequence[bool]
    rows: Sequence[Sequence[str]]
    total: bool = False


class Chart(NamedTuple):
    """A picture and what it shows."""

    address: str
    words: str


def shown(study: Study, contents: Contents) -> dict[str, Any]:
    """Return what the report's template writes."""
    compared = contents.change is not None
    return {
        "study": study, "title": gettext("Who gains and who loses") if compared else _title(contents), "fold": contents.query["fold"],
        "question": wording.title(contents), "demonstration": wording.demonstration(contents),
        "people": wording.people(contents), "registry": wording.registry(contents),
        "made_at": f"{study.made_at:%Y-%m-%d %H:%M}", "figures": _changes(contents) if compared else _figures(contents),
        "map": _address(study, "map", "png") if any(part is not None for part in (contents.change, contents.gaps, contents.day)) else None,
        "map_words": basemap.under(current_app).words_of_drawing(), "areas": _changed(contents) if compared else _areas(contents),
        "gaps": _gaps(contents), "gaps_count": _listed(contents), "smaller": (contents.gaps or {}).get("smaller"),
        "circle": contents.circle, "charts": _charts(study, contents),
        "sites": _by_site(contents), "hourly": contents.hourly,
        "week": _sentence(contents, wording.week(contents)),
        "notes": [_sentence(contents, note) for note in wording.notes(contents)], "outside": _sentence(contents, wording.outside(contents)),
        "method": wording.method(contents)}


def _title(contents: Contents) -> str:
    fold = contents.query["fold"]
    return gettext("Who is served, and where nobody is") if fold == 1 else gettext("Whom {n} sites serve, and where fewer are near").format(n=fold)


def _figures(contents: Contents) -> list[Figure]:
    total, fold = contents.total, contents.query["fold"]
    if not total:
        return []
    found = [Figure(_both(total, "coverage_share", _share), gettext("of the people are served") if fold == 1 else
                    gettext("of the people are served by at least {n} sites").format(n=fold)),
             Figure(_both(total, "covered", _whole), gettext("people served, of {n}").format(n=_whole(total["people"]))),
             Figure(_both(total, "area_share", _share), gettext("of the ground is served")),
             Figure(_both(total, "p90_m", _whole), gettext("metres within which nine tenths of the people have a site"))]
    if contents.gaps is not None:
        known = total.get(f"covered{_MAYBE}") is not None
        maybe = {f"people{_MAYBE}": total["people"] - total[f"covered{_MAYBE}"]} if known else {}
        people = _both({**contents.gaps, **maybe}, "people", _whole)
        words = (gettext("people in {n} areas that are not served") if fold == 1 else
                 gettext("people in {n} areas that fewer than {k} sites serve"))
        found.append(Figure(people, words.format(n=_listed(contents), k=fold)))
    return [one for one in found if one.value != "—"]


def _listed(contents: Contents) -> int:
    """Return how many areas are not served, the slivers apart: those that the page counts."""
    return 0 if contents.gaps is None else int(contents.gaps["count"] - contents.gaps["smaller"]["count"])


def _changes(contents: Contents) -> list[Figure]:
    total = contents.total
    return [Figure(_both(total, "gained", _whole), gettext("people gain")), Figure(_both(total, "lost", _whole), gettext("people lose")),
            Figure(_both(total, "coverage_share_before", _share), gettext("served before")),
            Figure(_both(total, "coverage_share_after", _share), gettext("served after"))]


def _areas(contents: Contents) -> Table | None:
    served, people, ground = gettext("Served"), gettext("People served"), gettext("Ground served")
    if (fold := contents.query["fold"]) > 1:
        served, people, ground = (words.format(n=fold) for words in (
            gettext("Served by {n}"), gettext("People served by {n}"), gettext("Ground served by {n}")))
    names = (("people", _whole, gettext("People")), ("coverage_share", _share, served), ("covered", _whole, people), ("area_share", _share, ground),
             ("median_m", _whole, gettext("Half live within, m")),
             ("p90_m", _whole, gettext("Nine tenths within, m")), ("sites", _whole, gettext("Sites")),
             ("people_per_site", _whole, gettext("People a site")))
    return _by_area(contents, names)


def _changed(contents: Contents) -> Table | None:
    before, after = gettext("Served before"), gettext("Served after")
    if (fold := contents.query["fold"]) > 1:
        before, after = (words.format(n=fold) for words in (gettext("Served by {n} before"), gettext("Served by {n} after")))
    names = (("people", _whole, gettext("People")), ("coverage_share_before", _share, before), ("coverage_share_after", _share, after),
             ("gained", _whole, gettext("Gain")), ("lost", _whole, gettext("Lose")))
    return _by_area(contents, names)


def _by_area(contents: Contents, names: Sequence[tuple[str, Any, str]]) -> Table | None:
    if not contents.lines:
        return None
    several = len(contents.lines) > 1
    lines = [*contents.lines, *([{**contents.total, "name": gettext("Total")}] if several else [])]
    rows = [[line["name"], *(_both(line, name, written, "\n") for name, written, _ in names)] for line in lines]
    return Table([gettext("Area"), *(words for *_, words in names)], [False, *(True for _ in names)], rows, several)


def _gaps(contents: Contents) -> Table | None:
    if contents.gaps is None:
        return None
    headers = [gettext("No."), gettext("Area"), gettext("People"), gettext("km²"), *_far(contents.query["fold"]), gettext("Landmarks inside")]
    several = {gap["rank"]: "\n".join(wording.people_in(gap, contents.language)) for gap in contents.gaps["gaps"] if len(gap["areas"]) > 1}
    rows = [[str(row["rank"]), several.get(row["rank"], row["area_name"]), _both(row, "people", _whole, "\n"), _tenths(row["area_km2"]),
             _whole(row["farthest_m"]), row["nearest_site_name"] or "—", row["landmarks"] or "—"] for row in columns.gaps(contents)[:MOST_GAPS]]
    return Table(headers, [True, False, True, True, True, False, False], rows)


def _far(fold: int) -> tuple[str, str]:
    """Return the headers of how far a gap's farthest point is from a site, and from which; of several sites, from the last of them."""
    if fold == 1:
        return gettext("Farthest from a site, m"), gettext("Nearest site")
    return gettext("Farthest from {n} sites, m").format(n=fold), gettext("The last of these {n} sites").format(n=fold)


def _by_site(contents: Contents) -> Table | None:
    total = contents.total
    words = {"gained": gettext("gain"), "lost": gettext("lose")}
    rows = [[words[way], site["name"] or site["id"], _whole(site["people"]), _whole(site["people_by_it_alone"])]
            for way in words for site in total.get(f"{way}_by") or ()]
    headers = [gettext("Gain or loss"), gettext("Site"), gettext("People"), gettext("By it alone")]
    return Table(headers, [False, False, True, True], rows) if rows else None


def _charts(study: Study, contents: Contents) -> list[Chart]:
    known = any(line.get("coverage_share") is not None for line in contents.lines)
    several, week, fold = len(contents.lines) > 1, bool(contents.total.get("by_hour")), study.asked.question.fold
    there = [("change", gettext("Who gains and who loses, by area"))] if contents.change is not None else []
    there += [("areas", shares("areas", fold))] if known and several else []
    there += [("distances", gettext("People by distance to the nearest site"))] if contents.distances is not None else []
    there += [("hours", shares("hours", fold))] if week else []
    there += [("hours-areas", shares("hours-areas", fold))] if week and several else []
    there += [("day", shares("day", fold))] if contents.day is not None else []
    return [Chart(_address(study, name, "svg"), words) for name, words in there]


def _address(study: Study, name: str, suffix: str) -> str:
    return url_for("planner_files.chart", key=study.key, name=name, suffix=suffix, size="print")


def _both(line: Mapping[str, Any], name: str, written: Any, between: str = " / ") -> str:
    """Return a figure, and after it what it is if unknown hours are open, where that is another."""
    low, high = written(line.get(name)), written(line.get(f"{name}{_MAYBE}"))
    return str(low) if high in ("—", low) else f"{low}{between}{high}"


def _sentence(contents: Contents, words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'。' if wording.language_zh(contents) else '.'}" if words else ""


def _whole(value: float | None) -> str:
    return "—" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _tenths(value: float | None) -> str:
    return "—" if value is None else f"{value:,.1f}" if value >= 1 else f"{value:,.2f}"
