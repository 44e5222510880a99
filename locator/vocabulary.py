"""Controlled words: kinds, hosts, facilities and the rest are data, not code.

The core never opens the vocabulary file; `geodata.vocabulary` reads it and passes a `Vocabulary` in.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from locator.errors import UnknownCode
from locator.words import Words

SECTIONS = ("kind", "subtype", "host", "facility", "eligibility", "status", "visibility", "mode",
            "basis", "workday_rule", "gender", "fee", "datum", "verified_how")
"""Every controlled field; each is a section of the vocabulary file."""


@dataclass(frozen=True, slots=True)
class Term:
    """One controlled word: its code, what people call it, and its OSM tag where there is one."""

    code: str
    words: Words
    synonyms: tuple[str, ...] = ()
    osm: str | None = None
    of: str | None = None
    """The code it belongs under: a subtype's kind."""
    colour: str | None = None
    """How maps paint it: ``#rrggbb``; kinds only."""


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody asks for in plain words, and the filters it stands for."""

    code: str
    words: Words
    filters: Mapping[str, tuple[str, ...]]
    """``{"facility": ("hot_water",)}``: `kind` any of, `facility` all of, `state` one of `filters.STATES`."""
    leads: tuple[str, ...] = ()
    """Facilities that whoever has it looks for first, in their order."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a caller says that no form would: the words, and the filters they stand for; none: they carry nothing."""

    code: str
    said: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]]
    """As of a `Need`, and `by`: one of `travel.WAYS`."""


@dataclass(frozen=True)
class Vocabulary:
    """All controlled words, by section and code; the order of the file is the order of display."""

    sections: Mapping[str, Mapping[str, Term]]
    needs: Mapping[str, Need] = field(default_factory=dict)
    """What pages offer in plain words, by code; the order of the file is the order of display."""
    sayings: Mapping[str, Saying] = field(default_factory=dict)
    """What callers say beyond the words above, by code: only `locator.heard` listens for it."""

    def leads_of(self, kind: str) -> tuple[str, ...]:
        """Return the facilities that a place of a kind is looked for, by the needs that mean this kind; most kinds are meant by none."""
        return tuple(dict.fromkeys(code for need in self.needs.values() if kind in need.filters.get("kind", ()) for code in need.leads))

    def terms(self, section: str) -> Mapping[str, Term]:
        """Return one section's terms by code, in display order."""
        return self.sections[section]

    def term(self, section: str, code: str) -> Term:
        """Return one term.

        Raises:
            UnknownCode: If the section has no such code; names the nearest one it has.
        """
        try:
            return self.sections[section][code]
        except KeyError:
            raise self._unknown(section, code) from None

    def code(self, section: str, said: str) -> str:
        """Return the code of what somebody wrote: a code, a Chinese or English name, or a synonym.

        Upper and lower case, surrounding blanks, and ``-`` for ``_`` make no difference.

        Raises:
            UnknownCode: If nothing matches; names the nearest code.
        """
        wanted = said.strip().casefold()
        plain = wanted.replace("-", "_").replace(" ", "_")
        terms = self.sections[section]
        if plain in terms:
            return plain
        for term in terms.values():
            if wanted in (term.words.zh.casefold(), term.words.en.casefold()):
                return term.code
        for term in terms.values():
            if any(wanted == s.casefold() for s in term.synonyms):
                return term.code
        raise self._unknown(section, said)

    def _unknown(self, section: str, said: str) -> UnknownCode:
        terms = self.sections[section]
        names = {n.casefold(): t.code for t in terms.values() for n in (t.code, t.words.en, t.words.zh, *t.synonyms)}
        near = difflib.get_close_matches(said.casefold(), names, n=1, cutoff=0.0)
        best = terms[names[near[0]]] if near else None
        codes = ", ".join(terms)
        return UnknownCode(
            section, said,
            zh=(f"没有这个代码，最接近的是 {best.code}（{best.words.zh}）；" if best else "") + f"可用：{codes}",
            en=(f"no such code; the nearest is {best.code} ({best.words.en}); " if best else "") + f"known: {codes}")
