"""Fields in the words of the forms they stand in, for a page that refuses one; programs and the command line say the field's own name."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, request

from locator.errors import Refusal
from web import record_words
from web.i18n import gettext, language

_OTHER_NAMES = {"walk": "minutes", "minutes": "walk"}
"""The same field of a form under its other name."""
SECRET = frozenset({"password", "again", "present", "code", "token", "csrf_token"})
"""Passwords, and what opens an account once: no page that refuses one may show it to whoever stands behind."""
_PARTS = ("kind", "facility", "eligibility", "need", "area", "points", "without")
"""Of these one of several values may be refused: that one is quoted, not everything that was sent."""


def quoted(refusal: Refusal) -> str:
    """Return which field of this page a refusal is of, and what was typed there, as it was typed, with its unit; empty where neither says anything.

    What the refusal holds is quoted, as one short line that the template escapes; as it was sent only where the address has it, for a form sent by
    POST is never looked into. Of a field that may hold a secret (`SECRET`) nothing is quoted, whatever the refusal or the address holds. Of a
    file it is its row and its column.
    """
    if refusal.at:
        column = refusal.field if refusal.cell is not None and refusal.cell[0] is not None else ""
        shown = refusal.shown_value()
        return " ".join(part for part in (refusal.at, column, "" if shown in ("", refusal.at) else f"“{shown}”") if part)
    if refusal.field in SECRET:
        return label(refusal.field)
    name, unit = label(refusal.field), _units().get(refusal.field, "")
    names = (refusal.field, _OTHER_NAMES.get(refusal.field, ""))
    sent = next((text for one in names if (text := request.args.get(one, "")).strip()), None)
    said = refusal.shown_value() if sent is None or refusal.field in _PARTS else type(refusal)(refusal.field, sent, zh="", en="").shown_value()
    between = "" if language().startswith("zh") or not name else " "
    return f"{name}{between}“{said}{' ' if unit else ''}{unit}”" if said else name


def label(field: str) -> str:
    """Return what this page's form calls a field; empty where people never see one of this name."""
    of_page = _of_planner() if (request.blueprint or "").startswith("planner") else {}
    found = of_page.get(field, _of_questions().get(field))
    return found if found is not None else record_words.known(field)


def _of_questions() -> Mapping[str, str]:
    return {
        "id": "", "need": "", "version": "",  # whoever reads of these knows no such field: what is said of them says enough
        "q": gettext("A place, address, pinyin or initials"), "area": gettext("District or street"), "facility": gettext("What it has"),
        "at": gettext("Another time, Beijing's clock"), "by": gettext("On foot or by e-bike"), "k": gettext("How many sites"),
        "within": gettext("At most so far"), "state": gettext("State"), "strict": gettext("Surely open only"),
        "verified_only": gettext("Verified sites only"), "network": gettext("Along the walking network"),
        "verified_before": gettext("Not verified since"), "demo": gettext("Demonstration data"), "rating": gettext("How was it?"),
        "note": gettext("What is wrong?"), "photo": gettext("Photos")}


def _of_planner() -> Mapping[str, str]:
    return {
        "area": gettext("Area"), "by": gettext("A line for each"), "kind": gettext("Kinds"), "facility": gettext("What it has"),
        "eligibility": gettext("Whom it serves"), "demand": gettext("Whose people"), "people": gettext("Whose people"),
        "reach": gettext("Service radius"), "radius": gettext("Service radius"), "walk": gettext("On foot"), "minutes": gettext("On foot"),
        "fold": gettext("Within reach of at least so many sites"), "hours": gettext("Hours"), "week": gettext("The whole week"),
        "date": gettext("Day"), "day": gettext("Day"), "hour": gettext("Hour"), "at": gettext("Hour"), "state": gettext("Open 24 hours only"),
        "way": gettext("What to compare"), "before": gettext("What to compare"), "after": gettext("What to compare"),
        "without": gettext("Without some sites"), "points": gettext("With proposed sites"), "hour_before": gettext("First hour"),
        "hour_after": gettext("Second hour"), "from": gettext("The end of"), "to": gettext("against the end of (empty: now)")}


def _units() -> Mapping[str, str]:
    return {"radius": gettext("metres"), "walk": gettext("minutes"), "minutes": gettext("minutes"), "within": gettext("metres"),
            "accuracy_m": gettext("metres")}


def init_app(app: Flask) -> None:
    """Let templates quote what they refuse."""
    app.jinja_env.globals.update(quoted=quoted)
