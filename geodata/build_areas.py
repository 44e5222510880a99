"""Build the shipped areas of Beijing from two public packages: ``python -m geodata.build_areas``.

It fetches the packages with ``npm pack`` (or takes their archives), checks their checksums and writes
``files/areas.csv``, ``files/districts.geojson`` and ``files/districts.small.geojson``; the same
archives give the same bytes. Run by a maintainer only: nothing at run time imports this module.

What it does to the outlines, in this order:

1. joins the districts abolished in 2010 to their successors: 崇文 to 东城, 宣武 to 西城;
2. takes the codes and names of today: 密云县 and 延庆县 are 区 since 2015;
3. converts every vertex from GCJ-02 to WGS-84. A vertex that two districts share is converted
   alike for both, so shared borders stay shared;
4. rounds to 0.00001 degrees (1 m), and refuses the result unless it is a valid coverage: no overlap,
   no sliver, no hole, one part in all.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from geodata.areas import COLUMNS, FILES, PARTS, centre, small
from locator.datum import to_wgs84

OUTLINES_PACKAGE = "china-geojson@1.0.0"
OUTLINES_SHA256 = "b6b9367b490f35f24531cd280201fa540a1469c50182298478bb7602c06c907c"
OUTLINES_MEMBER = "package/src/geojson/bei_jing_geo.json"
STREETS_PACKAGE = "china-division@2.7.0"
STREETS_SHA256 = "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85"
STREETS_MEMBER = "package/dist/streets.csv"

OUTLINES = "districts.geojson"

CITY = "110000"

DISTRICTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "110101": ("东城区", "Dongcheng District", ("崇文区", "Chongwen District", "110103")),
    "110102": ("西城区", "Xicheng District", ("宣武区", "Xuanwu District", "110104")),
    "110105": ("朝阳区", "Chaoyang District", ()),
    "110106": ("丰台区", "Fengtai District", ()),
    "110107": ("石景山区", "Shijingshan District", ()),
    "110108": ("海淀区", "Haidian District", ()),
    "110109": ("门头沟区", "Mentougou District", ()),
    "110111": ("房山区", "Fangshan District", ()),
    "110112": ("通州区", "Tongzhou District", ()),
    "110113": ("顺义区", "Shunyi District", ()),
    "110114": ("昌平区", "Changping District", ()),
    "110115": ("大兴区", "Daxing District", ()),
    "110116": ("怀柔区", "Huairou District", ()),
    "110117": ("平谷区", "Pinggu District", ()),
    "110118": ("密云区", "Miyun District", ("密云县", "Miyun County", "110228")),
    "110119": ("延庆区", "Yanqing District", ("延庆县", "Yanqing County", "110229")),
}
SUCCESSOR = {"110103": "110101", "110104": "110102", "110228": "110118", "110229": "110119"}

# The Economic-Technological Development Area answers to the city like a district but is not one of the
# 16 and has no border of its own among them. 110302 is the code its enterprises are registered under.
DEVELOPMENT_AREA = ("110302", "北京经济技术开发区", "Beijing Economic-Technological Development Area",
                    ("经开区", "北京经开区", "亦庄经开区", "亦庄开发区", "亦庄新城", "BDA", "Beijing E-Town", "E-Town"))

OWN_NAMES = {
    "110115403": "Beijing Economic-Technological Development Area (part in Daxing)",
    "110115404": "Daxing Biomedicine Industry Base",
    "110115405": "Daxing Economic Development Zone",
    "110115406": "Daxing International Airport",
    "110116400": "Yanqi Economic Development Zone",
    "110118400": "Zhongguancun Science Park Miyun",
}
GENERIC = (("满族蒙古族乡", "Manchu and Mongol Ethnic Township"), ("满族乡", "Manchu Ethnic Township"),
           ("回族乡", "Hui Ethnic Township"), ("街道", "Subdistrict"), ("地区", "Area"), ("镇", "Town"), ("乡", "Township"))

SMALL_TOLERANCE_DEG = 0.005
"""For a map of the whole city on a phone, where a pixel is some 500 m; never used to decide where a point lies."""


def main(arguments: list[str] | None = None) -> None:
    """Build the files and print their checksums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outlines", type=Path, help=f"archive of {OUTLINES_PACKAGE}; fetched with npm pack if absent")
    parser.add_argument("--streets", type=Path, help=f"archive of {STREETS_PACKAGE}; fetched with npm pack if absent")
    parser.add_argument("--into", type=Path, default=FILES, help="folder to write")
    given = parser.parse_args(arguments)
    from geodata.readings import reading

    outlines = _member(given.outlines, OUTLINES_PACKAGE, OUTLINES_SHA256, OUTLINES_MEMBER)
    streets = _member(given.streets, STREETS_PACKAGE, STREETS_SHA256, STREETS_MEMBER)
    for name, written in build(outlines, streets, reading).items():
        (given.into / name).write_bytes(written)
        sys.stdout.write(f"{hashlib.sha256(written).hexdigest()}  {name}  {len(written)} bytes\n")


def build(outlines: bytes, streets: bytes, reading: Callable[[str], str]) -> dict[str, bytes]:
    """Return the files by name.

    Args:
        outlines: The GeoJSON of the districts, GCJ-02, names and codes of before 2010.
        streets: The CSV of every street of the country: code, name, areaCode, ...
        reading: Chinese → pinyin syllables separated by blanks; further readings after ``|`` are not used.

    Raises:
        ValueError: If the outlines do not make one gapless coverage of 16 districts.
    """
    district = districts(outlines)
    whole = shapely.coverage_union_all(list(district.values()))
    fewer = shapely.coverage_simplify(list(district.values()), SMALL_TOLERANCE_DEG)
    simple = dict(zip(district, _checked(shapely.transform(fewer, lambda pairs: np.round(pairs, 4))), strict=True))
    rows: list[tuple[object, ...]] = [(CITY, "", "city", "北京市", "Beijing", "北京|Peking", *centre(whole), PARTS)]
    for code, (zh, en, aliases) in DISTRICTS.items():
        rows.append((code, CITY, "district", zh, en, "|".join(aliases), *centre(district[code]), OUTLINES))
    code, zh, en, aliases = DEVELOPMENT_AREA
    rows.append((code, CITY, "district", zh, en, "|".join(aliases), "", "", ""))
    rows.extend((line["code"], line["areaCode"], "street", line["name"],
                 OWN_NAMES.get(line["code"]) or english(line["name"], reading), "", "", "", "")
                for line in csv.DictReader(io.StringIO(streets.decode("utf-8"))) if line["areaCode"] in DISTRICTS)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([COLUMNS, *rows])
    return {"areas.csv": table.getvalue().encode(), OUTLINES: geojson(district),
            small(OUTLINES): geojson(simple)}


def districts(outlines: bytes) -> dict[str, Any]:
    """Return the 16 outlines of today by code, WGS-84, in the order of their codes."""
    parts: dict[str, list[Any]] = {code: [] for code in DISTRICTS}
    for feature in json.loads(outlines)["features"]:
        code = str(feature["id"])
        parts[SUCCESSOR.get(code, code)].append(shape(feature["geometry"]))
    joined = [shapely.coverage_union_all(polygons) for polygons in parts.values()]
    moved = shapely.transform(joined, lambda pairs: np.round(to_wgs84(pairs, "gcj02"), 5))
    return dict(zip(parts, _checked([shapely.normalize(polygon) for polygon in moved]), strict=True))


def _checked(outlines: Sequence[Any]) -> Sequence[Any]:
    """Return the outlines; refuse any that are not one coverage without overlap, gap or hole."""
    whole = shapely.coverage_union_all(outlines)
    if not (all(p.is_valid and not p.is_empty for p in outlines) and shapely.coverage_is_valid(outlines)
            and whole.geom_type == "Polygon" and not whole.interiors):
        raise ValueError("the outlines overlap or leave gaps")
    return outlines


def english(zh: str, reading: Callable[[str], str]) -> str:
    """Return a street's name in English: 东华门街道 → Donghuamen Subdistrict, 张镇 → Zhangzhen Town."""
    for suffix, generic in GENERIC:
        if zh.endswith(suffix):
            stem = zh[:-len(suffix)]
            first = reading(stem if len(stem) > 1 else zh).partition("|")[0]
            return f"{_joined(first.split())} {generic}"
    raise ValueError(f"no English name for {zh}")


def _joined(syllables: list[str]) -> str:
    """Write syllables as one word; an apostrophe goes before a vowel inside it (Xi'an)."""
    word = "".join(f"'{s}" if i and s[0] in "aeo" else s for i, s in enumerate(syllables))
    return word[:1].upper() + word[1:]


def geojson(outlines: dict[str, Any]) -> bytes:
    """Return a FeatureCollection with `code`, zh and en names; RFC 7946 rings, 5 decimals."""
    features = [{"type": "Feature", "id": code, "geometry": mapping(shapely.orient_polygons(polygon)),
                 "properties": {"code": code, "zh": DISTRICTS[code][0], "en": DISTRICTS[code][1]}}
                for code, polygon in outlines.items()]
    lines = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'.encode()


def _member(archive: Path | None, package: str, sha256: str, member: str) -> bytes:
    """Return one file of a package, fetched if need be; refuses an archive that is not the one known."""
    with tempfile.TemporaryDirectory() as folder:
        packed = (archive or _fetched(package, Path(folder))).read_bytes()
    if hashlib.sha256(packed).hexdigest() != sha256:
        raise ValueError(f"the archive of {package} has not the checksum it had: {sha256}")
    with tarfile.open(fileobj=io.BytesIO(packed)) as opened:
        found = opened.extractfile(member)
        if found is None:
            raise ValueError(f"{package} has no {member}")
        return found.read()


def _fetched(package: str, folder: Path) -> Path:
    fetch = ["npm", "pack", "--silent", package]
    subprocess.run(fetch, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - no part of it is given
    return next(_archives(folder))


def _archives(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if re.fullmatch(r".*\.tgz", path.name))


if __name__ == "__main__":
    main()
