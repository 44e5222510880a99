"""`nuanxin duplicates`: which sites of the registry may be one and the same."""

from __future__ import annotations

from typing import Any

import click

from locator.sameness import VERDICTS
from scripts import output
from scripts.progress import bar
from scripts.settings import Settings

COLUMNS = ("group", "verdict", "bits", "distance_m", "id", "name", "address", "other_id", "other_name", "other_address", "reasons")


@click.command("duplicates")
@click.option("--kind", default=None, help="只看一个类别。 One kind only.")
@click.option("--verdict", type=click.Choice(VERDICTS), default="likely", show_default=True,
              help="至少多像：same 就是，likely 很可能，possible 可能。 How likely at least.")
@click.option("--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True, help="输出形式。 Output format.")
@click.pass_obj
def command(settings: Settings, kind: str | None, verdict: str, shape: str) -> None:
    """在整个登记库里找重复登记的站点，连同理由；只列出，不改动。 List sites that may be registered twice, with the reasons; nothing is changed."""
    from geodata import duplicates, vocabulary
    from geodata.profiles import Profiles

    words = vocabulary.of_home(settings.home)
    wanted = None if kind is None else words.code("kind", kind)
    sites = [site for site in settings.registry().sites() if wanted in (None, site.kind)]
    profiles = Profiles(words, settings.areas().tree)
    with bar("比对 Matching") as progress:
        found = duplicates.among(profiles.of_all(sites), progress=progress)
    enough = VERDICTS[:VERDICTS.index(verdict) + 1]
    found = [match for match in found if match.verdict in enough]
    group_of = {row: number for number, rows in enumerate(duplicates.groups(found), 1) for row in rows}
    zh = settings.language == "zh"
    pairs: list[dict[str, Any]] = []
    for match in sorted(found, key=lambda m: (group_of[m.row], m.row, -m.bits)):
        one, other = sites[match.other], sites[match.row]
        pairs.append(dict(zip(COLUMNS, (
            group_of[match.row], match.verdict, round(match.bits, 1), None if match.distance_m is None else round(match.distance_m, 1),
            one.id, one.name, one.address, other.id, other.name, other.address,
            [reason.words.zh if zh else reason.words.en for reason in match.reasons]), strict=True)))
    _show(pairs, shape, len(set(group_of.values())), zh=zh)


def _show(pairs: list[dict[str, Any]], shape: str, groups: int, *, zh: bool) -> None:
    if shape == "json":
        output.as_json({"groups": groups, "pairs": pairs})
    elif shape == "csv":
        output.as_csv(pairs, COLUMNS)
    else:
        headers = ("组", "判断", "米", "站点", "另一站点", "理由") if zh else ("group", "verdict", "m", "site", "other site", "reasons")
        rows = [(p["group"], p["verdict"], p["distance_m"], f"{p['name']} ({p['id']})", f"{p['other_name']} ({p['other_id']})",
                 ("；" if zh else "; ").join(p["reasons"])) for p in pairs]
        output.as_table(rows, headers, empty="没有发现重复。" if zh else "No duplicates found.")
        click.echo(f"{groups} 组，{len(pairs)} 对。" if zh else f"{groups} groups, {len(pairs)} pairs.", err=True)
