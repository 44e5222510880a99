"""Two answers of coverage as they were written down, side by side: one question, line by line.

Who gains and who loses cannot be read off sums: of two results only what each line became is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locator.errors import BadFile, BadValue

FIGURES = ("people", "sites", "covered", "coverage_share", "covered_km2", "area_share", "median_m", "p90_m", "people_per_site")
"""What a line is compared by; those that depend on hours once more as if unknown hours were open."""
_IF_OPEN = "_if_unknown_open"
_MOST = 1e15
"""No figure is larger; so NaN, infinities and numbers of a hundred digits are told from figures."""


def checked(document: object, name: str) -> Mapping[str, Any]:
    """Return a document if it is an answer of coverage.

    Args:
        document: What was read from JSON.
        name: Of the file; a refusal names it.

    Raises:
        BadFile: If it is anything else, or a figure is no number; the field is named.
    """
    if not isinstance(document, dict):
        raise _no_result(name, "", type(document).__name__)
    for member, kind in (("query", dict), ("areas", list), ("total", dict), ("demand_source", dict), ("as_of", str)):
        if not isinstance(document.get(member), kind):
            raise _no_result(name, member, type(document.get(member)).__name__ if member in document else None)
    codes = set()
    for place, line in (*((f"areas[{number}]", line) for number, line in enumerate(document["areas"])), ("total", document["total"])):
        _check_line(line, name, place)
        if place != "total" and line["code"] in codes:
            raise _no_result(name, f"{place}.code", line["code"])
        codes.add(line["code"])
    return document


def _check_line(line: Any, name: str, place: str) -> None:
    if not isinstance(line, dict):
        raise _no_result(name, place, type(line).__name__)
    for member in ("code", "name"):
        if not isinstance(line.get(member), str):
            raise _no_result(name, f"{place}.{member}", line.get(member))
    if "covered" not in line or "coverage_share" not in line:
        raise _no_result(name, f"{place}.covered", None)
    for figure in (figure + suffix for figure in FIGURES for suffix in ("", _IF_OPEN)):
        value = line.get(figure)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _MOST):
            raise _no_result(name, f"{place}.{figure}", value)


def side_by_side(before: Mapping[str, Any], after: Mapping[str, Any], names: tuple[str, str]) -> dict[str, Any]:
    """Return what each line was and became.

    Args:
        before: As `checked` returns it.
        after: The same.
        names: Of the files.

    Returns:
        ``query``; ``before`` and ``after``, each with file, instant, registry version and demand; ``same_demand``, whether the
        people are the same figures; ``areas`` and ``total``: of each figure ``_before``, ``_after`` and ``_change``, None where a
        side does not have it. Lines stand in the order of the one before; those that only the other has come last.

    Raises:
        BadValue: If they answer different questions; each member that differs is named with both values.
    """
    differing = [member for member in dict.fromkeys((*before["query"], *after["query"])) if before["query"].get(member) != after["query"].get(member)]
    if before.get("basis") != after.get("basis"):
        differing.append("basis")
    if differing:
        pairs = [(member, *(side.get("basis") if member == "basis" else side["query"].get(member) for side in (before, after)))
                 for member in differing]
        told = ", ".join(f"{member} {was!r} → {became!r}" for member, was, became in pairs)
        raise BadValue("B", names[1], zh=f"两个结果的问题不同，不能逐行比较：{told}；请用相同的选项重新计算其一",
                       en=f"it answers another question than {names[0]}: {told}; compute one of them anew with the options of the other")
    lines = {line["code"]: line for line in before["areas"]}
    others = {line["code"]: line for line in after["areas"]}
    sides = {side: {"what": name, "as_of": one["as_of"], "version": one.get("version"), "demand_source": one["demand_source"]}
             for side, name, one in zip(("before", "after"), names, (before, after), strict=True)}
    return {"query": before["query"], **sides, "basis": before.get("basis"),
            "notes": [*dict.fromkeys(note for side in (before, after) for note in side.get("notes", ()) if isinstance(note, str))],
            "same_demand": before["demand_source"].get("version") == after["demand_source"].get("version"),
            "areas": [_line(lines.get(code), others.get(code)) for code in dict.fromkeys((*lines, *others))],
            "total": _line(before["total"], after["total"])}


def _line(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    named = after or before or {}
    found: dict[str, Any] = {"code": named["code"], "name": named["name"]}
    for figure in (figure + suffix for suffix in ("", _IF_OPEN) for figure in FIGURES):
        if figure not in (before or {}) and figure not in (after or {}):
            continue
        was, became = ((side or {}).get(figure) for side in (before, after))
        found |= {f"{figure}_before": was, f"{figure}_after": became,
                  f"{figure}_change": None if was is None or became is None else became - was}
    return found


def _no_result(name: str, field: str, value: object) -> BadFile:
    return BadFile(field or "JSON", value, at=name, zh="不是 nuanxin coverage --format json 的结果",
                   en="is not a result of nuanxin coverage --format json")
