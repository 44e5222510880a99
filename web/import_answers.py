"""What an import by a program is answered: what a file came to, and what is wrong with its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from flask import Response

from web import errors
from web.i18n import gettext, language

WORK = "geodata.importing:at_once"
"""The work of such an import."""


def problem(faults: Iterable[Mapping[str, Any]]) -> Response:
    """Answer with what is wrong with rows: a problem whose errors say where each is."""
    told = [fault(one) for one in faults]
    title = errors.title_of(400)
    detail = gettext("Nothing was imported; there are several errors") if len(told) > 1 else told[0]["message"]
    body = {"type": "about:blank", "title": title, "status": 400, "detail": detail, "errors": told}
    return Response(orjson.dumps(body), 400, {"Cache-Control": "no-store"}, content_type="application/problem+json")


def fault(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return one thing that is to be said of a row, as `import_contract.RowFault`."""
    file, _, line = one["at"].rpartition(":") if one["cell"] and one["cell"][0] is not None else (one["at"], "", "")
    name, bracket, sheet = file.partition("[")
    column, found, field = one["field"].rpartition(" (")
    return {"file": name, "line": (f"[{sheet}:{line}" if bracket else line) or None, "column": column if found else None,
            "field": field.rstrip(")") if found else one["field"], "value": one["value"],
            "message": one["zh" if language() == "zh-CN" else "en"]}


def answer(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file came to, as `import_contract.ImportAnswer`."""
    evidence = (result["evidence"] or {}).get("zh" if language() == "zh-CN" else "en") or {"sentences": []}
    return {"dry_run": result["dry_run"], "version": result["version"], "rows": result["rows"], "datum": result["datum"],
            "evidence": evidence["sentences"], "columns": result["columns"], "counts": result["counts"],
            "warnings": [fault(one) for one in result["warnings"]]}
