"""The vocabulary file: every kind, host, facility and other controlled word, read from TOML.

The shipped file is ``files/vocabulary.toml``, which explains its own form. An operator's file of the
same form is merged over it, line by line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from locator.errors import BadFile
from locator.filters import STATES
from locator.travel import WAYS
from locator.vocabulary import SECTIONS, Need, Saying, Term, Vocabulary
from locator.words import Words

SHIPPED = Path(__file__).parent / "files" / "vocabulary.toml"

_TERM_KEYS = frozenset({"zh", "en", "synonyms", "osm", "of", "colour"})
_NEED_FILTERS = ("kind", "facility", "eligibility", "state")
_FILED = (*SECTIONS, "needs", "sayings")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@lru_cache(maxsize=8)
def load(extra: Path | None = None) -> Vocabulary:
    """Return the shipped vocabulary, with an operator's own file merged over it.

    A line of `extra` with a new code is a new word, shown after the shipped ones; one with a known
    code changes the keys it gives and keeps the others. The answer is cached for the life of the
    process.

    Raises:
        BadFile: If a file is not TOML of this form; `at` names the file and the section and code.
    """
    read = _read(SHIPPED)
    came_from = {(section, code): SHIPPED.name for section, lines in read.items() for code in lines}
    if extra is not None:
        for section, lines in _read(extra).items():
            known = read.setdefault(section, {})
            for code, line in lines.items():
                known[code] = {**known.get(code, {}), **line}
                came_from[section, code] = extra.name
    places = {key: f"{name}: {'.'.join(key)}" for key, name in came_from.items()}

    sections = {section: MappingProxyType({code: _term(section, code, line, places[section, code])
                                           for code, line in read.get(section, {}).items()})
                for section in SECTIONS}
    for section, terms in sections.items():
        _check_names_differ(section, terms.values(), places)
    for code, term in sections["subtype"].items():
        if term.of is not None and term.of not in sections["kind"]:
            raise _bad("of", term.of, places["subtype", code], "没有这个 kind", "no such kind")
    needs = {code: _need(code, line, sections, places["needs", code]) for code, line in read.get("needs", {}).items()}
    sayings = {code: _saying(code, line, sections, places["sayings", code]) for code, line in read.get("sayings", {}).items()}
    return Vocabulary(MappingProxyType(sections), MappingProxyType(needs), MappingProxyType(sayings))


OWN = "vocabulary.toml"
"""An installation's own words, in its home."""


def of_home(home: Path) -> Vocabulary:
    """Return the vocabulary of an installation: with its own ``vocabulary.toml`` merged over the shipped one."""
    own = home / OWN
    return load(own) if own.exists() else load()


def _read(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        read = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _bad("vocabulary", path.name, path.name, "无法读取此文件", f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        at = f"{path.name}: byte {error.start}"
        raise _bad("vocabulary", path.name, at, "应为 UTF-8 文本", "must be UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise _bad("vocabulary", path.name, path.name, f"不是正确的 TOML：{error}", f"is not TOML: {error}") from None
    for section, lines in read.items():
        if section not in _FILED:
            known = ", ".join(_FILED)
            raise _bad("vocabulary", section, f"{path.name}: {section}", f"没有这一节，可用：{known}",
                       f"no such section; known: {known}")
        if not isinstance(lines, dict):
            raise _bad("vocabulary", section, f"{path.name}: {section}", "应为一节", "must be a section")
        for code, line in lines.items():
            at = f"{path.name}: {section}.{code}"
            if not _CODE.fullmatch(code):
                raise _bad("code", code, at, "代码应为小写字母、数字、下划线，以字母开头",
                           "a code is lower-case letters, digits and underscores, a letter first")
            if not isinstance(line, dict):
                raise _bad(code, line, at, "应为 { zh = …, en = … }", "must be { zh = …, en = … }")
    return read


def _words(line: dict[str, Any], at: str) -> Words:
    for key in ("zh", "en"):
        said = line.get(key)
        if not isinstance(said, str) or not said.strip():
            raise _bad(key, said, at, "每个词都要有中文名 zh 和英文名 en", "every word needs its names zh and en")
    return Words(line["zh"], line["en"])


def _term(section: str, code: str, line: dict[str, Any], at: str) -> Term:
    words = _words(line, at)
    for key in line.keys() - _TERM_KEYS:
        raise _bad(key, line[key], at, f"没有这一项，可用：{', '.join(sorted(_TERM_KEYS))}",
                   f"no such key; known: {', '.join(sorted(_TERM_KEYS))}")
    synonyms = _texts(line.get("synonyms", []), "synonyms", at)
    for key in ("osm", "of", "colour"):
        if not isinstance(line.get(key, ""), str):
            raise _bad(key, line[key], at, "应为文字", "must be a text")
    colour = line.get("colour")
    if colour is not None and not _COLOUR.fullmatch(colour):
        raise _bad("colour", colour, at, "颜色应为 #rrggbb（小写）", "a colour is #rrggbb, lower case")
    osm = line.get("osm")
    if osm is not None and not all(osm.partition("=")):
        raise _bad("osm", osm, at, "应为 key=value", "must be key=value")
    if "of" in line and section != "subtype":
        raise _bad("of", line["of"], at, "只有 subtype 有 of", "only a subtype has an of")
    return Term(code, words, synonyms, osm, line.get("of"), colour)


def _need(code: str, line: dict[str, Any], sections: dict[str, Any], at: str) -> Need:
    words = _words(line, at)
    filters = _filters({name: values for name, values in line.items() if name not in ("zh", "en", "leads")}, sections, at, _NEED_FILTERS)
    if not filters:
        raise _bad("needs", code, at, "至少要有一个筛选项", "needs at least one filter")
    leads = _filters({"facility": line["leads"]}, sections, at, ("facility",))["facility"] if "leads" in line else filters.get("facility", ())
    return Need(code, words, MappingProxyType(filters), leads)


def _saying(code: str, line: dict[str, Any], sections: dict[str, Any], at: str) -> Saying:
    said = _texts(line.get("said"), "said", at)
    filters = _filters({name: values for name, values in line.items() if name != "said"}, sections, at, (*_NEED_FILTERS, "by"))
    return Saying(code, said, MappingProxyType(filters))


def _filters(given: dict[str, Any], sections: dict[str, Any], at: str, allowed: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    filters = {}
    for name, values in given.items():
        if name not in allowed:
            raise _bad(name, values, at, f"没有这个筛选项，可用：{', '.join(allowed)}",
                       f"no such filter; known: {', '.join(allowed)}")
        filters[name] = _texts(values, name, at)
        known = {"state": STATES, "by": WAYS}.get(name) or tuple(sections[name])
        for value in filters[name]:
            if value not in known:
                codes = ", ".join(known)
                raise _bad(name, value, at, f"没有这个代码，可用：{codes}", f"no such code; known: {codes}")
    return filters


def _texts(values: object, key: str, at: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise _bad(key, values, at, "应为文字的列表", "must be a list of texts")
    return tuple(values)


def _check_names_differ(section: str, terms: Iterable[Term], places: dict[tuple[str, str], str]) -> None:
    """Refuse a name that two words of a section share: whoever writes it could mean either."""
    owner: dict[str, str] = {}
    for term in terms:
        for name in (term.code, *term.words, *term.synonyms):
            first = owner.setdefault(name.casefold(), term.code)
            if first != term.code:
                raise _bad(section, name, places[section, term.code], f"这个名称已属于 {first}",
                           f"this name already belongs to {first}")


def _bad(field: str, value: object, at: str, zh: str, en: str) -> BadFile:
    return BadFile(field, value, zh=zh, en=en, at=at)
