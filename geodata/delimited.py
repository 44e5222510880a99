"""A text table as raw rows: its encoding and delimiter are found out.

UTF-8 with or without a mark, UTF-16 with one, GB18030; UTF-16 without a mark where a known header shows
it. Comma, tab, semicolon, bar, caret, and the full-width comma and semicolon. A file whose bytes are of
two encodings is refused with its line, never read as nonsense.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from geodata.heading import Meaning, under_headers
from geodata.tables import LONGEST_CELL, MOST_ROWS, Cell, Row, Table, refuse, too_long

DELIMITERS = ",\t;|^，；"

_SAMPLE = 1 << 16
_BLOCK = 1 << 20
_MOST_CONTROLS, _FEW_CONTROLS = 0.02, 16
"""Share of control characters above which a sample is no text; a few are only a blemish of their cells."""
_SURELY_UTF8 = 10
"""So many characters of several bytes for each wrong one: the text is UTF-8 with a fault, and not GB18030."""


def read(path: Path, known: Meaning, *, most_rows: int = MOST_ROWS) -> Table:
    """Return a text file's table, of at most so many rows.

    Raises:
        BadFile: If it is not text in one of the encodings, its quotes do not pair, or it is beyond the limits.
    """
    encoding = encoding_of(path, known)
    with path.open(encoding=encoding, newline="") as stream:
        sample = stream.read(_SAMPLE)
        controls = sum(1 for c in sample if c < " " and c not in "\t\n\r\f")
        if controls > max(_FEW_CONTROLS, _MOST_CONTROLS * len(sample)):
            raise refuse(path.name, "不是文本文件", "is not a text file")
        stream.seek(0)
        lines: Iterator[str] = iter(stream)
        passed = 0
        declared = re.match(r"sep=(.)\r?\n", sample)
        if declared:  # Excel's own first line
            next(lines)
            passed = 1
        delimiter = declared[1] if declared else _delimiter(sample, known)
        return under_headers(path.name, _records(path.name, lines, delimiter, passed), known, most_rows=most_rows)


def encoding_of(path: Path, known: Meaning = lambda _header: None) -> str:
    """Return the encoding that reads the whole file; a stream, so that memory stays bounded.

    Raises:
        BadFile: If there is none, the text holds NUL, or it is UTF-8 but for a few bytes; with the line.
    """
    with path.open("rb") as stream:
        sample = stream.read(_SAMPLE)
    if sample.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    elif sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif unmarked := _unmarked_utf16(sample, known):
        candidates = [unmarked]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        line = 1
        try:
            with path.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    text = decoder.decode(block)
                    if "\0" in text:
                        line += text.count("\n", 0, text.index("\0"))
                        raise refuse(path.name, "含有空字节（NUL），不是文本表格", "holds a NUL byte; it is not a text table", line=line)
                    line += text.count("\n")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError as fault:
            if encoding.startswith("utf-8"):
                _refuse_mixed(path, line + bytes(fault.object).count(b"\n", 0, fault.start))
            continue
        return encoding
    raise refuse(path.name, f"文字编码不是 {'、'.join(candidates)}；请另存为 UTF-8 的 CSV",
                 f"the text is not in {' or '.join(candidates)}; save it as CSV in UTF-8")


def _unmarked_utf16(sample: bytes, known: Meaning) -> str | None:
    """Return the byte order of UTF-16 without a mark, where the words of its top lines are known headers."""
    if b"\0" not in sample:
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample[:len(sample) // 2 * 2].decode(encoding, "replace")
        if any(known(cell.strip()) for line in text.splitlines()[:10] for cell in re.split(f"[{re.escape(DELIMITERS)}]", line)):
            return encoding
    return None


def _refuse_mixed(path: Path, line: int) -> None:
    """Refuse a text that is UTF-8 but for a few bytes: GB18030 would read nearly all of it, as nonsense."""
    right = wrong = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            text = decoder.decode(block)
            wrong += text.count("\ufffd")
            right += sum(1 for c in text if c > "\u07ff" and c != "\ufffd")
    if right > _SURELY_UTF8 * wrong:
        raise refuse(path.name, "从这一行起有不是 UTF-8 的字节，文件可能混用了两种编码或已损坏；请在 Excel 或 WPS 中打开核对，再另存为 UTF-8 的 CSV",
                     "from this line on some bytes are not UTF-8: the file mixes two encodings or is damaged; "
                     "open and check it, then save it as CSV in UTF-8", line=line)


def _delimiter(sample: str, known: Meaning) -> str:
    """Return the delimiter under which most headers are known, then which makes most columns."""
    lines = [line for line in sample.splitlines(keepends=True) if line.strip()][:10]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            return 0, 0
        hits = max((sum(1 for cell in row if known(cell)) for row in rows), default=0)
        return hits, max((len(row) for row in rows[:1]), default=0)

    return max(DELIMITERS, key=score)  # the first of equals: the comma


def _records(name: str, lines: Iterator[str], delimiter: str, passed: int) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = passed + 1
    try:
        for record in reader:
            if any(len(cell) > LONGEST_CELL for cell in record):
                yield Row(line, [too_long(cell) if len(cell) > LONGEST_CELL else cell for cell in record])
            else:
                yield Row(line, cast("list[Cell]", record))
            line = reader.line_num + passed + 1
    except csv.Error as error:
        raise refuse(name, f"从这一行起引号不成对，或内容过长（{error}）；含逗号、换行的内容要用成对的英文双引号",
                     f"from this line on the quotes do not pair, or a cell is too long ({error}); "
                     "a cell with commas or line breaks needs a pair of double quotes", line=line) from None
