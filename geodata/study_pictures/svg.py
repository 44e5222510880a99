"""An SVG for a page: named for whoever hears it, with typefaces that readers have, and with night colours."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape

from geodata.study_files import palette

_FAMILY: Final = "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'HarmonyOS Sans SC', 'Microsoft YaHei', system-ui, sans-serif"
_NIGHT: Final = {
    palette.INK: "#f6eee5", palette.SOFT: "#c3b5a6", palette.GRID: "#43372d", palette.OUTLINE: "#b9c4cf", palette.SERVED: "#57b0e3",
    palette.MAYBE: "#2b5f80", palette.NOT_SERVED: "#f08a5b", palette.LOST: "#ff8a80", palette.YES: "#57c98b", palette.NO: "#a5aab2",
    palette.CIRCLE: "#c4a3ea", palette.LAND: "#261f19", palette.SEA: "#17120f", palette.HALO: "#14100d"}
"""By day, by night."""


def finished(drawn: bytes, title: str, description: str, language: str, *, night: bool = True) -> bytes:
    """Return matplotlib's SVG with a name, a description, typefaces and, for a screen, night colours; nothing in it is a script or a link."""
    text = drawn.decode("utf-8")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"(font(?:-family)?: [^;\"]*?)'[^;\"]*'", rf"\g<1>{_FAMILY}", text)
    head, mark, rest = text.partition("<svg ")
    opening, end, body = rest.partition(">")
    named = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(description)}</desc>'
    tag = f'{mark}role="img" aria-labelledby="title desc" lang="{"en" if language.startswith("en") else "zh-CN"}" {opening}{end}'
    style = f"<style>{_night()}</style>" if night else ""
    return f"{head[:head.index('<!DOCTYPE')]}{tag}\n{named}{style}{body}".encode()


def _night() -> str:
    """Return the rules of a dark screen; paper stays white."""
    rules = "".join(f'[style*="fill: {day}"]{{fill:{night}!important}}[style*="stroke: {day}"]{{stroke:{night}!important}}'
                    for day, night in _NIGHT.items())
    return f"@media screen and (prefers-color-scheme: dark){{{rules}}}"
