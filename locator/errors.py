"""Every refusal of the product, under one base class.

A refusal names the field, repeats the value, and says in Chinese and in English what would be
right. Edges turn it into an exit status, a problem+json answer or a line under a form field; none
of them needs to know the subclass. A row of a file is named by `at`, e.g. ``stations.csv:12``.
"""

from __future__ import annotations

from locator.words import Words

_LONGEST_VALUE_SHOWN = 80


class Refusal(Exception):
    """Something given cannot be used."""

    cell: tuple[int | None, int | None] | None = None
    """Of a table's row: its line as `Row.line`, and its column from 0; either None for the whole of it."""

    def __init__(self, field: str, value: object, *, zh: str, en: str, at: str = "") -> None:
        """Refuse `value` of `field`; `zh` and `en` say why, and what would be right."""
        super().__init__(field, value, zh, en, at)
        self.field = field
        self.value = value
        self.words = Words(zh, en)
        self.at = at

    def placed(self, at: str) -> Refusal:
        """Return the same refusal, said of a place: a file, a line, a sheet."""
        return type(self)(self.field, self.value, zh=self.words.zh, en=self.words.en, at=at)

    def shown_value(self) -> str:
        """Return the value as one short printable line."""
        text = "" if self.value is None else str(self.value)
        text = "".join(c if c.isprintable() else "�" for c in text)
        return text if len(text) <= _LONGEST_VALUE_SHOWN else text[: _LONGEST_VALUE_SHOWN - 1] + "…"

    def sentence(self, language: str) -> str:
        """Return ``place: field "value": what would be right`` in one language."""
        where = f"{self.at}: " if self.at else ""
        return f"{where}{self.field} {self.shown_value()!r}: {self.words.in_language(language)}"

    def __str__(self) -> str:
        return f"{self.sentence('zh')} / {self.words.en}"


class BadCoordinate(Refusal):
    """Raised when a longitude or latitude is not a number in range, or the pair looks swapped."""


class BadDatum(Refusal):
    """Raised when a datum is not one of wgs84, gcj02, bd09, cgcs2000."""


class BadRadius(Refusal):
    """Raised when a distance is not positive and finite."""


class BadCount(Refusal):
    """Raised when a number of answers is not a whole number in range."""


class BadTime(Refusal):
    """Raised when a time or date does not exist or cannot be read."""


class BadHours(Refusal):
    """Raised when an opening-hours expression cannot be read; the words give the position."""


class UnknownCode(Refusal):
    """Raised when a kind, facility, host, ... is not in the vocabulary; suggests the nearest one."""


class BadValue(Refusal):
    """Raised when any other field of a record does not have a value it may have."""


class BadFile(Refusal):
    """Raised when a file cannot be read as what it is named."""


class TooManyRows(BadFile):
    """Raised when a table has more rows than may be read of it; none of it is then used."""


class NotThere(Refusal):
    """Raised when something asked for by its name does not exist."""


class SignInNeeded(Refusal):
    """Raised when something is only for people who have said who they are."""


class Forbidden(Refusal):
    """Raised when whoever asks may not do this, or not there; names the permission and the area."""


class TooMany(Refusal):
    """Raised when something was tried too often; `wait_s` says how long to wait."""

    def __init__(self, field: str, value: object, *, zh: str, en: str, at: str = "", wait_s: int = 1) -> None:
        """Refuse as any refusal, and say after how many seconds to try again."""
        super().__init__(field, value, zh=zh, en=en, at=at)
        self.wait_s = wait_s

    def placed(self, at: str) -> TooMany:
        """Return the same refusal, said of a place."""
        return type(self)(self.field, self.value, zh=self.words.zh, en=self.words.en, at=at, wait_s=self.wait_s)


class Busy(TooMany):
    """Raised when too many ask for something dear at the same moment; it will do in `wait_s`."""


class NotBuilt(Refusal):
    """Raised when a question needs a part that this registry does not have, e.g. a walking network."""


class Conflict(Refusal):
    """Raised when somebody else changed a record since it was read; names the version it has now."""


class Unavailable(Refusal):
    """Raised when the registry cannot be read or written just now: locked, full disk, damaged, out of reach."""
