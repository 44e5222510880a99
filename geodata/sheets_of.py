"""The titles of a file's sheets or layers, for somebody to choose among."""

from __future__ import annotations

from pathlib import Path


def titles(path: Path) -> list[str]:
    """Return the sheets of a workbook or the layers of a GeoPackage; empty for a file that has but one table.

    For a file that `spreadsheets.read` has read: nothing is checked here again.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        from python_calamine import CalamineWorkbook, SheetTypeEnum

        with CalamineWorkbook.from_path(path) as book:
            return [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if suffix == ".xls":
        from geodata import old_workbook

        return [sheet.title for sheet in old_workbook.sheets(path)]
    if suffix == ".gpkg":
        import pyogrio

        return [str(title) for title, kind in pyogrio.list_layers(path) if kind is not None]
    return []
