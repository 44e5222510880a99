"""The work of an import that is done in steps: look at a file, read it into a preview, commit that, take it back.

Each function is the work of a job (`jobs`); what it finds it leaves in the folder of the upload
(`uploads`). What somebody may change is decided here, by their grant, with the rows' own areas.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geodata import (
    candidates,
    cells,
    intake,
    jobs,
    mappings,
    places,
    previews,
    private,
    scopes,
    spreadsheets,
    vocabulary,
)
from geodata.areas import Areas
from geodata.corrections import corrected
from geodata.headers import Recogniser, Target
from geodata.intake import Intake
from geodata.jobs import Work
from geodata.matching import RowMatch
from geodata.previews import CHANGED, ERROR, NEW, UNCHANGED, WAITING, Preview, PreviewRow, Written
from geodata.registry import Registry, rows
from geodata.sheets_of import titles
from geodata.tables import Table
from geodata.uploads import Upload, Uploads
from locator.errors import BadFile, Conflict
from locator.permissions import Grant
from locator.sites import Site

LOOKED = "look.json"
"""In an upload's folder: its headers, samples and sheets."""
SAMPLES = 3
_LONGEST_SAMPLE = 60


@dataclass(frozen=True)
class Came:
    """One reading of an upload."""

    table: Table
    found: Intake
    known: Mapping[str, Site]
    tombstones: Mapping[str, Site]
    """Every removed site as it last was, by its id."""


# --- looking ------------------------------------------------------------------------------------------


def look(work: Work, *, upload: str) -> dict[str, Any]:
    """Find an upload's headers, what they are recognised as, and some of what stands under them.

    What is remembered of its source is laid over what is recognised, unless something was said already.

    Raises:
        BadFile: If the file cannot be read at all.
    """
    uploads = Uploads(work.home)
    one = uploads.named(upload)
    work.step("读取文件", "reading the file")
    known = vocabulary.of_home(work.home)
    plain = Recogniser(known)
    table = spreadsheets.read(uploads.file(one), plain.target, one.sheets)
    columns = dict(one.columns)
    if not columns and one.source:
        columns = {h: f for h, f in mappings.remembered(work.home, one.source).items() if h in table.headers}
    recognised = [spelled(plain.target(header)) for header in table.headers]
    private.write(uploads.place(upload) / LOOKED, {
        "rows": len(table.rows), "sheets": titles(uploads.file(one)), "read": [part.title for part in table.parts],
        "headers": [{"header": header, "recognised": recognised[place], "samples": _samples(table, place)}
                    for place, header in enumerate(table.headers)],
        "warnings": [jobs.refusal_said(warning) for warning in table.warnings]})
    uploads.change(upload, columns=columns)
    return {"rows": len(table.rows)}


def spelled(target: Target | None) -> str | None:
    """Return a target as a mapping writes it: ``lon@gcj02``, ``opening_hours:inferred``; None stays None."""
    if target is None:
        return None
    return target.field + (f"@{target.datum}" if target.datum else "") + (f":{target.basis}" if target.basis else "")


def _samples(table: Table, place: int) -> list[str]:
    found: dict[str, None] = {}
    for row in table.rows:
        text = cells.clean(cells.shown(row.cells[place])) if place < len(row.cells) and row.cells[place] is not None else ""
        if text:
            found.setdefault(text[:_LONGEST_SAMPLE])
        if len(found) == SAMPLES:
            break
    return list(found)


# --- reading ------------------------------------------------------------------------------------------


def read(work: Work, *, upload: str, grant: Mapping[str, Any]) -> dict[str, Any]:
    """Read an upload into its preview, for somebody with a grant. Returns the preview's counts."""
    uploads = Uploads(work.home)
    one = uploads.named(upload)
    with Registry.open(work.home, database=work.database) as registry:
        _preview(work, uploads, one, registry, Grant(**grant))
    with _open(uploads, upload) as preview:
        return {**preview.counts(), "revision": one.revision}


def came_of(work: Work, path: Path, one: Upload, registry: Registry, grant: Grant, areas: Areas) -> Came:
    """Read an upload as it is to be read; rows outside the grant's area are errors, and what it may not accept stays as it is."""
    known_words = vocabulary.of_home(work.home)
    work.step("读取登记库", "reading the registry")
    with registry.view() as view:
        known = {site.id: site for site in view.sites()}
        tombstones = {site.id: site for site in view.removed()}
    work.step("读取文件", "reading the file")
    recogniser = Recogniser(known_words, one.columns)
    table = corrected(spreadsheets.read(path, recogniser.target, one.sheets), one.cells, one.left_out)
    work.step("检查各行", "checking the rows")
    found = intake.of_table(table, recogniser, datum=one.datum, vocabulary=known_words, areas=areas, kind=one.kind, source=one.source,
                            existing=known, places=places.load(work.home), progress=work.progress, match=one.match,
                            decisions=one.line_decisions, match_progress=_comparing(work))
    scopes.bound(found, table, known, tombstones, grant, areas)
    return Came(table, found, known, tombstones)


def _comparing(work: Work) -> Any:
    begun = False

    def told(done: int, total: int) -> None:
        nonlocal begun
        if not begun:
            begun = True
            work.step("查找重复", "looking for duplicates")
        work.progress(done, total)

    return told


def _preview(work: Work, uploads: Uploads, one: Upload, registry: Registry, grant: Grant) -> None:
    areas = Areas.load(work.home)
    came = came_of(work, uploads.file(one), one, registry, grant, areas)
    work.step("整理结果", "laying out the result")
    written = _rows(came, one, grant, areas)
    found, columns = came.found, Recogniser(vocabulary.of_home(work.home), one.columns)
    previews.write(uploads.place(one.id), written, {
        "revision": one.revision, "rows": found.rows, "datum": found.datum, "headers": came.table.headers,
        "targets": [spelled(columns.target(header)) for header in came.table.headers],
        "faults": [fault for fault in _faults(found) if fault["cell"] is None or not _of_row(fault, came.table)],
        "evidence": None if found.evidence is None else {language: found.evidence.as_dict(language) for language in ("zh", "en")},
        "undecided": found.evidence is not None and found.datum is None, "grant": dataclasses.asdict(grant),
        "drawn": candidates.drawn(came.table, columns, areas) if found.evidence is not None else []})


def _faults(found: Intake) -> list[dict[str, Any]]:
    return [{**jobs.refusal_said(refusal), "level": level} for level, refusals in ((ERROR, found.errors), (previews.WARNING, found.warnings))
            for refusal in refusals]


def _of_row(fault: Mapping[str, Any], table: Table) -> bool:
    return fault["cell"][0] is not None and fault["cell"][0] != table.header_line


def _rows(came: Came, one: Upload, grant: Grant, areas: Areas) -> list[Written]:
    faults: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for fault in _faults(came.found):
        if fault["cell"] is not None and _of_row(fault, came.table):
            faults[fault["cell"][0]].append(fault)
    wrong = {line for line, some in faults.items() if any(fault["level"] == ERROR for fault in some)}
    sites = {line: site for line, site in zip(came.found.lines, came.found.readable, strict=True) if line not in wrong}
    matches: dict[int, list[RowMatch]] = defaultdict(list)
    for match in came.found.matches:
        matches[match.line].append(match)
    name_place = next((place for place, header in enumerate(came.table.headers) if came.found.columns.get(header) == "name"), None)
    written = []
    for n, row in enumerate(came.table.rows):
        line, site = row.line, sites.get(row.line)
        texts = ["" if cell is None else cells.shown(cell) for cell in row.cells]
        named = site.name if site else texts[name_place].strip() if name_place is not None and name_place < len(texts) else ""
        fate = ERROR if line in wrong else WAITING
        site_id, kind, lon, lat = (site.id, site.kind, site.lon, site.lat) if site else (None,) * 4
        out = PreviewRow(n, line, came.table.shown_line(line), fate, site_id, named, kind, lon, lat, asks=False,
                         faults=faults.get(line, []), cells=texts if line in faults else [])
        expected = None
        if site is not None:
            before = came.known.get(site.id)
            held = before or came.tombstones.get(site.id)
            expected = (held.version or 0) if held else 0
            out.fate = NEW if before is None else CHANGED
            if before is not None:
                was, now = rows.row_of(before), rows.row_of(site)
                if was == now:
                    out.fate = UNCHANGED
                else:
                    out.before, out.after = rows.changes(was, now)
        out.matches = [scopes.told(match, came.known, grant, areas) for match in matches.get(line, [])]
        out.asks = (str(line) not in one.decisions and not any(match.merged for match in matches.get(line, []))
                    and any(match.verdict != "possible" for match in matches.get(line, [])))
        written.append(Written(out, expected, site if out.fate in (NEW, CHANGED) else None))
    return written


def _open(uploads: Uploads, upload: str) -> Preview:
    preview = Preview.open(uploads.place(upload))
    if preview is None:
        raise BadFile("import", upload, zh="还没有读取", en="has not been read yet")
    return preview


# --- committing and taking back -----------------------------------------------------------------------


def commit(work: Work, *, upload: str, revision: int, grant: Mapping[str, Any], who: str, why: str) -> dict[str, Any]:
    """Write what a preview shows, all of it or nothing; or, where a site was changed meanwhile, read anew.

    Returns the commit's counts and version; or ``conflicts``: the names of the sites changed meanwhile.

    Raises:
        Conflict: If the preview is not of this revision, or was made for another grant.
        BadFile: If it holds errors.
    """
    uploads = Uploads(work.home)
    one = uploads.named(upload)
    with Registry.open(work.home, database=work.database) as registry:
        landed = landed_as(registry, one)
        if landed is not None:  # a commit that was told as interrupted had landed
            return _finished(uploads, registry, one, who, *landed)
        with _open(uploads, upload) as preview:
            if preview.about("revision") != revision or one.revision != revision or preview.about("grant") != dict(grant):
                raise Conflict("revision", revision, zh="预览之后有更改；请重新查看预览",
                               en="something was changed after the preview; look at it again")
            if preview.counts()[ERROR] or any(fault["level"] == ERROR for fault in preview.about("faults")):
                raise BadFile("file", one.name, zh="还有错误，什么也没有写入", en="has errors; nothing was written")
            sites, expected = preview.changes()
            unchanged = preview.counts()[UNCHANGED]
        work.step("写入登记库", "writing")
        try:
            done = registry.commit(sites, who=who, why=signed(why, one), action="import", expected_versions=expected, progress=work.progress)
        except Conflict:
            now = {site.id: site for site in registry.sites()}
            changed = [now[site.id].name if site.id in now else site.name for site in sites
                       if (now[site.id].version if site.id in now else 0) != expected[site.id]]
            _preview(work, uploads, one, registry, Grant(**grant))
            return {"conflicts": changed}
        counts = {"created": done.created + done.reinstated, "changed": done.changed, "unchanged": done.unchanged + unchanged}
        return _finished(uploads, registry, one, who, done.version if sites else None, counts)


def signed(why: str, one: Upload) -> str:
    """Return the reason as the registry keeps it: with the file's name, and the import's number to find it again by."""
    return f"{why.strip()}（{one.name} #{one.id[:12]}）"


def landed_as(registry: Registry, one: Upload) -> tuple[int, dict[str, int]] | None:
    """Return the version and counts of an upload's commit if there is one, though nobody may have been told."""
    for done in registry.commits(most=200):
        if done.action == "import" and done.who == one.owner and done.why.endswith(f"#{one.id[:12]}）"):
            return done.version, {"created": done.summary.get("created", 0) + done.summary.get("reinstated", 0),
                                  "changed": done.summary.get("changed", 0), "unchanged": 0}
    return None


def _finished(uploads: Uploads, registry: Registry, one: Upload, who: str, version: int | None, counts: Mapping[str, int]) -> dict[str, Any]:
    uploads.finish(one.id, version=version, counts=dict(counts))
    if version is not None:
        registry.audit.record(at=datetime.now(UTC), who=who, action="import", object=f"version {version}", area=one.area,
                              outcome=", ".join(f"{name} {count}" for name, count in counts.items()))
    return {"version": version, **counts}


def undo(work: Work, *, upload: str, grant: Mapping[str, Any], who: str, why: str) -> dict[str, Any]:
    """Take an import back, in one new commit.

    Raises:
        Forbidden: If it touched a site outside the grant's area.
        Conflict: If what it did was changed since; names the sites.
    """
    uploads = Uploads(work.home)
    one = uploads.named(upload)
    version = int(one.version or 0)
    with Registry.open(work.home, database=work.database) as registry:
        with registry.view() as view:
            touched = {site_id for (site_id,) in view.raw(f"SELECT site_id FROM revisions WHERE version = {version}")}  # noqa: S608 - a number
            sites = [site for site in view.sites() if site.id in touched]
        scopes.check(sites, Grant(**grant), Areas.load(work.home))
        work.step("撤销", "taking it back")
        done = registry.undo(version, who=who, why=signed(why, one), progress=work.progress)
        uploads.change(upload, undone=done.version)
        registry.audit.record(at=datetime.now(UTC), who=who, action="import", object=f"version {version}", area=one.area,
                              outcome=f"undone as version {done.version}")
    return {"version": done.version, "removed": done.removed, "changed": done.changed, "reinstated": done.reinstated}


def at_once(work: Work, *, upload: str, grant: Mapping[str, Any], who: str, why: str, dry_run: bool) -> dict[str, Any]:
    """Read an upload and, without an error and unless it is a dry run, commit it: what the API asks for.

    Raises:
        Conflict: If a site was changed meanwhile.
    """
    uploads = Uploads(work.home)
    try:
        one = uploads.named(upload)
        with Registry.open(work.home, database=work.database) as registry:
            _preview(work, uploads, one, registry, Grant(**grant))
        with _open(uploads, upload) as preview:
            counts, about = preview.counts(), preview.about
            faults = about("faults") + [fault for row in preview.every(ERROR) for fault in row.faults]
            warnings = [fault for row in preview.every(previews.WARNING) for fault in row.faults if fault["level"] == previews.WARNING]
            said = {"dry_run": dry_run, "rows": about("rows"), "datum": about("datum"), "evidence": about("evidence"),
                    "columns": dict(zip(about("headers"), about("targets"), strict=True)),
                    "counts": {name: counts[name] for name in (NEW, CHANGED, UNCHANGED, ERROR, previews.DUPLICATE)},
                    "errors": [fault for fault in faults if fault["level"] == ERROR],
                    "warnings": [fault for fault in about("faults") if fault["level"] == previews.WARNING] + warnings}
        if said["errors"] or dry_run:
            return {**said, "version": None}
        done = commit(work, upload=upload, revision=one.revision, grant=grant, who=who, why=why)
        if "conflicts" in done:
            raise Conflict("version", "、".join(done["conflicts"][:5]), zh="这些站点在导入期间被别人改动；请再导入一次",
                           en="these sites were changed by somebody else meanwhile; import again")
        return {**said, "version": done["version"]}
    finally:
        uploads.delete(upload)

