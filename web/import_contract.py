"""What importing by a program takes and answers: models that the published contract is made from."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from locator.questions import DATUMS


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RowFault(_Model):
    """One thing to say of a row, a cell, or the file as a whole (then `line` and `column` are null)."""

    file: str
    line: str | None = Field(description="as people see it; of several sheets [sheet]:line")
    column: str | None
    field: str
    value: str | None
    message: str


class RowCounts(_Model):
    """What the rows come to."""

    new: int
    changed: int
    unchanged: int
    error: int
    duplicate: int = Field(description="rows that may be sites we already have; taken as new unless merged")


class ImportAnswer(_Model):
    """What a file came to."""

    dry_run: bool
    version: int | None = Field(description="the registry's version it was imported as; null: nothing was written")
    rows: int
    datum: str | None = Field(description="null where each row says its own, or there are no coordinates")
    evidence: list[str] = Field(description="what the file itself says of its datum")
    columns: dict[str, str | None]
    counts: RowCounts
    warnings: list[RowFault]


class JobAnswer(_Model):
    """Long work, as far as it is."""

    id: str
    state: Literal["waiting", "running", "done", "refused", "failed", "cancelled", "interrupted"]
    step: str
    done: int
    total: int = Field(description="0: not known yet")
    result: dict[str, Any] | None = Field(description="when it is done")
    errors: list[RowFault] = Field(description="why it was refused")


MODELS = (ImportAnswer, JobAnswer)

BODY = {"required": True, "content": {"multipart/form-data": {"schema": {
    "type": "object", "required": ["file"], "additionalProperties": False, "properties": {
        "file": {"type": "string", "format": "binary", "description": "CSV, XLSX, XLS, GeoJSON, GeoPackage, zipped Shapefile; named so"},
        "datum": {"type": "string", "enum": ["auto", *DATUMS], "default": "auto"},
        "kind": {"type": "string", "description": "of rows that state none"},
        "source": {"type": "string", "maxLength": 200},
        "columns": {"type": "string", "description": "header = \"field\", as TOML"},
        "match": {"type": "string", "enum": ["report", "merge", "new"], "default": "report"},
        "dry_run": {"type": "string", "enum": ["true", "false"], "default": "false"},
        "reason": {"type": "string", "maxLength": 500}}}}}}
