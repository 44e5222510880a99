"""The values of one request under a table of parameters. Everything wrong with it is refused at once, field by field."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from locator.errors import BadCoordinate, BadValue, Refusal
from web.errors import Refused
from web.pairs import Pairs
from web.params import Param

Result = TypeVar("Result")

LONGEST_VALUE = 1000
MOST_TOLD = 10
"""Faults of one request: finding the nearest code to each of thousands would take minutes."""


class Fields:
    """The values of one request by name, and what was wrong with them so far."""

    def __init__(self, pairs: Pairs, params: Sequence[Param], lenient: bool) -> None:
        """Sort the values of a request by a table's names; `lenient`: unknown names and blank values are passed over."""
        self._params = {p.name: p for p in params}
        self._values: dict[str, list[str]] = {}
        self._refusals: list[Refusal] = []
        for name, value in pairs:
            param = self._params.get(name)
            if param is None:
                if not lenient and len(self._refusals) < MOST_TOLD:
                    self._refusals.append(self._unknown(name, value))
            elif len(value) > param.longest:
                self._refusals.append(BadValue(name, value, zh=f"最长 {param.longest} 个字", en=f"at most {param.longest} characters"))
            elif not (lenient and not value.strip()):
                held = self._values.setdefault(name, [])
                if held and not param.many and not lenient:
                    self._refusals.append(BadValue(name, value, zh="只能给一个值", en="may be given once only"))
                held.append(value)
        for param in params:
            if param.required and param.name not in self._values:
                kind = BadCoordinate if param.name in ("lon", "lat") else BadValue
                self._refusals.append(kind(param.name, None, zh=f"缺少：{param.words.zh}", en=f"missing: {param.words.en}"))

    def _unknown(self, name: str, value: str) -> Refusal:
        near = difflib.get_close_matches(name[:LONGEST_VALUE], self._params, n=1, cutoff=0.0)[0]
        known = ", ".join(self._params)
        return BadValue(name, value, zh=f"没有这个参数，最接近的是 {near}；可用：{known}",
                        en=f"no such parameter; the nearest is {near}; known: {known}")

    def one(self, name: str, read: Callable[[str, str], Result]) -> Result | None:
        """Return what a name's value reads as; None where there is none, or it will not do."""
        values = self._values.get(name)
        return self.check(lambda: read(name, values[0])) if values else None

    def many(self, name: str, read: Callable[[str, str], Result]) -> Iterable[Result]:
        """Yield what each of a name's values reads as, but those that will not do."""
        for value in self._values.get(name, ()):
            if len(self._refusals) >= MOST_TOLD:
                return
            result = self.check(partial(read, name, value))
            if result is not None:
                yield result

    def check(self, judge: Callable[[], Result]) -> Result | None:
        """Return what a judge returns; keep its refusal and return None where it refuses."""
        try:
            return judge()
        except Refusal as refusal:
            self._refusals.append(refusal)
            return None

    def refuse(self) -> None:
        """Refuse the request if anything was wrong.

        Raises:
            Refused: With everything that was, up to `MOST_TOLD` faults.
        """
        if self._refusals:
            raise Refused(self._refusals[:MOST_TOLD])
