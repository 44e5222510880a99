"""An XLSX package copied part by part under bounds, before the library that reads it may see it.

A zip can lie: a part unpacks to more than it declares, and two readers may find different parts in one
file. So the XML parts go once through the standard library's reader, which counts them, into a fresh copy:
what is read afterwards is what was counted. Pictures, macros and other formats' parts are left behind.
"""

from __future__ import annotations

import copy
import zipfile
from collections.abc import Iterator
from typing import IO

from geodata.census import STYLES, WORKBOOK, Census, Sheet
from geodata.tables import MOST_ROWS, refuse

MOST_UNPACKED_BYTES = 256 << 20
MOST_PARTS = 2_000
MOST_RATIO = 150
"""Unpacked over packed, of a part above a megabyte; honest sheets lie at 5 to 40, a zip bomb at 1,000."""

_BYTES_BESIDE, _BYTES_A_ROW = 16 << 20, 4 << 10
"""Of what is unpacked: what a workbook has beside its rows, pictures among it, and a row of many columns."""
_CHUNK = 1 << 18
_ROOT = "_rels/.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TO_WORKBOOK = f'<Relationships><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{WORKBOOK}"/></Relationships>'
"""The way to the workbook, written anew so that no other part can pose as it."""


def checked_copy(name: str, source: IO[bytes], target: IO[bytes], *, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """Copy a workbook's XML parts and return what its sheets hold, in their order.

    Where fewer rows are wanted than a table may have, everything that grows with them is bounded accordingly.

    Raises:
        BadFile: If it is no workbook, is encrypted, or is larger than the limits or than it declares.
        zipfile.BadZipFile, expat.ExpatError, OSError: If it is broken.
    """
    census = Census(name, most_rows)
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as counted:
        check_directory(name, archive.infolist(), min(MOST_UNPACKED_BYTES, _BYTES_BESIDE + _BYTES_A_ROW * most_rows))
        if WORKBOOK not in {part.filename.lower() for part in archive.infolist()}:
            raise refuse(name, "是 zip，但不是 XLSX 工作簿", "is a zip archive, but not an XLSX workbook")
        for part in sorted(archive.infolist(), key=lambda part: part.filename.lower() != STYLES):
            called = part.filename.lower()
            if called.endswith((".xml", ".rels")) and called != _ROOT:
                with counted.open(part.filename, "w") as stream:
                    for block in census.watched(called, unpacked(name, archive, part)):
                        stream.write(block)
        counted.writestr(_ROOT, _TO_WORKBOOK)
    return census.sheets()


def check_directory(name: str, parts: list[zipfile.ZipInfo], most_bytes: int = MOST_UNPACKED_BYTES) -> None:
    """Refuse an archive whose directory goes beyond the limits, is encrypted, or names a part twice."""
    called = {part.filename.lower() for part in parts}
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise refuse(name, f"压缩包内有 {len(parts):,} 个部分，最多 {MOST_PARTS:,} 个", f"holds {len(parts):,} parts; at most {MOST_PARTS:,}")
    if len(called) < len(parts):
        raise refuse(name, "压缩包内有重名的部分", "holds two parts of one name")
    if unpacked > most_bytes:
        raise refuse(name, f"解压后有 {unpacked >> 20:,} MB，最多 {most_bytes >> 20} MB；请分成几个文件",
                     f"unpacks to {unpacked >> 20:,} MB; at most {most_bytes >> 20} MB: split the file")
    for part in parts:
        if part.flag_bits & 1:
            raise refuse(name, "文件有密码；请去掉密码后再导入", "is encrypted; remove the password first")
        if part.file_size > 1 << 20 and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise refuse(name, f"{part.filename} 压缩比超过 {MOST_RATIO} 倍，疑似压缩炸弹",
                         f"{part.filename} packs more than {MOST_RATIO} to one, as a zip bomb does")


def unpacked(name: str, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack one part, refusing it at the first byte beyond the size it declared."""
    info = copy.copy(part)
    info.file_size += 1  # zipfile stops reading at this size, so an excess of one byte shows
    read = 0
    with archive.open(info) as stream:
        while block := stream.read(_CHUNK):
            read += len(block)
            if read > part.file_size:
                raise refuse(name, f"{part.filename} 的实际大小超过其声明", f"{part.filename} is larger than it declares")
            yield block
