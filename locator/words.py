"""A sentence for people, in Chinese and in English."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The same sentence twice; edges pick the reader's language with `in_language`."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the English words for any `en...` tag, the Chinese ones otherwise."""
        return self.en if language.lower().startswith("en") else self.zh
