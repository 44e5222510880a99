"""Immutable columns of text: packed for what is nearly unique, coded for what repeats."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from locator.arrays import Codes, Rows

Value = TypeVar("Value", bound=Hashable)


class TextColumn:
    """n texts as one UTF-8 block: about a third of what a list of Python strings takes.

    `None` and the empty text are the same thing here: absent.
    """

    __slots__ = ("_bytes", "_ends")

    def __init__(self, packed: bytes, ends: NDArray[np.int64]) -> None:
        """Take a block and (n,) the end of each text in it."""
        self._bytes = packed
        self._ends = ends
        self._ends.flags.writeable = False

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> TextColumn:
        """Pack texts in their order."""
        packed = [(t or "").encode("utf-8", "replace") for t in texts]
        ends = np.cumsum(np.fromiter(map(len, packed), np.int64, len(packed)), dtype=np.int64)
        return cls(b"".join(packed), ends)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, row: int) -> str | None:
        """Return one text; None where absent."""
        start = int(self._ends[row - 1]) if row > 0 else 0
        return self._bytes[start:int(self._ends[row])].decode("utf-8") or None

    def __iter__(self) -> Iterator[str | None]:
        start = 0
        for end in self._ends.tolist():
            yield self._bytes[start:end].decode("utf-8") or None
            start = end

    def take(self, rows: Rows) -> TextColumn:
        """Return the texts of `rows`, in that order."""
        ends = self._ends[rows]
        starts = np.where(rows > 0, self._ends[rows - 1], 0)
        lengths = ends - starts
        new_ends = np.cumsum(lengths, dtype=np.int64)
        block = np.frombuffer(self._bytes, np.uint8)
        shift = np.repeat(starts - (new_ends - lengths), lengths)
        return TextColumn(block[np.arange(len(shift)) + shift].tobytes(), new_ends)

    def followed_by(self, other: TextColumn) -> TextColumn:
        """Return this column with another below it."""
        return TextColumn(self._bytes + other._bytes, np.concatenate([self._ends, other._ends + len(self._bytes)]))


class CodedColumn(Generic[Value]):
    """n values of which few are distinct: (n,) codes into a tuple of distinct values."""

    __slots__ = ("codes", "values", "_code_of")

    def __init__(self, codes: Codes, values: tuple[Value, ...]) -> None:
        """Take (n,) codes and what they stand for."""
        self.codes = codes
        self.values = values
        self._code_of = {value: code for code, value in enumerate(values)}
        self.codes.flags.writeable = False

    @classmethod
    def of(cls, values: Iterable[Value]) -> CodedColumn[Value]:
        """Intern values in the order they are first met."""
        code_of: dict[Value, int] = {}
        codes = np.array([code_of.setdefault(v, len(code_of)) for v in values], np.int32)
        return cls(_smallest(codes, len(code_of)), tuple(code_of))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Value:
        return self.values[self.codes[row]]

    def __iter__(self) -> Iterator[Value]:
        return map(self.values.__getitem__, self.codes.tolist())

    def code_of(self, value: Value) -> int | None:
        """Return the code of a value, None where no row has it."""
        return self._code_of.get(value)

    def take(self, rows: Rows) -> CodedColumn[Value]:
        """Return the values of `rows`, in that order; values no row has any longer may stay listed."""
        return CodedColumn(self.codes[rows], self.values)

    def followed_by(self, other: CodedColumn[Value]) -> CodedColumn[Value]:
        """Return this column with another below it."""
        code_of = dict(self._code_of)
        translate = np.array([code_of.setdefault(v, len(code_of)) for v in other.values], np.int32)
        below = translate[other.codes] if len(other) else np.empty(0, np.int32)
        return CodedColumn(_smallest(np.concatenate([self.codes.astype(np.int32), below]), len(code_of)), tuple(code_of))


def _smallest(codes: NDArray[np.int32], distinct: int) -> Codes:
    return codes.astype(np.uint8 if distinct <= 1 << 8 else np.uint16 if distinct <= 1 << 16 else np.int32)
