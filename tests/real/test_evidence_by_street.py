"""The datum of one street's file, by the street's real outline: decided where it can be, never wrongly."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geodata import areas as known_areas
from geodata import evidence, intake
from geodata.areas import Areas
from geodata.evidence import CANDIDATES
from geodata.stated import Stated
from locator.datum import from_wgs84
from scripts.bench_evidence import METRES_A_DEGREE, PAIR
from tests.real.conftest import shared

STREET = "110101005"


@pytest.fixture(scope="module")
def areas(tmp_path_factory: pytest.TempPathFactory) -> Areas:
    """The shipped areas, and the outline of Beixinqiao as an operator loads it."""
    home = tmp_path_factory.mktemp("home")
    outline = json.loads(shared("beixinqiao_street/beixinqiao_street_wgs84.geojson").read_bytes())
    outline["features"][0]["properties"] = {"code": STREET, "name": "北新桥街道", "parent": "110101"}
    (home / "street.geojson").write_text(json.dumps(outline), "utf-8")
    known_areas.load_file(home / "street.geojson", home)
    return Areas.load(home)


@pytest.mark.parametrize(("datum", "decided"), [("wgs84", "wgs84"), ("gcj02", None), ("bd09", "bd09")])
def test_the_139_facilities_of_beixinqiao_in_one_unlabelled_pair(areas, tmp_path: Path, vocabulary, datum, decided):
    """As GCJ-02 too few of them lie near the border that tells it from WGS-84: it is asked for."""
    true = np.array([(float(row["wgs84_lon"]), float(row["wgs84_lat"])) for name in ("convenience", "recreation_sports", "street_management")
                     for row in csv.DictReader(shared(f"beixinqiao_street/{name}_facilities.csv").read_text("utf-8").splitlines())])
    lines = [f"{lon:.6f},{lat:.6f},北京市东城区北新桥街道某胡同{i}号" for i, (lon, lat) in enumerate(from_wgs84(true, datum).tolist())]
    (tmp_path / "a.csv").write_text("经度,纬度,地址\n" + "\n".join(lines) + "\n", "utf-8")

    found = intake.read(tmp_path / "a.csv", vocabulary=vocabulary, areas=areas, kind="warm_station")

    assert found.datum == decided
    assert found.evidence.best == datum
    assert found.evidence.tallies[0].about == "street"
    assert found.evidence.tallies[0].fits[datum] == 137


def test_no_simulated_file_of_one_street_is_decided_wrongly(areas):
    """Its border drawn up to 60 m off, rows noisy by up to 250 m, a third of the next street, all over it or in one corner."""
    outline = areas.polygon(STREET)
    bounds = np.array(outline.bounds).reshape(2, 2)
    rng = np.random.default_rng(13)
    decided = 0
    for datum, rows, noise_m, wrong, off_m, corner in itertools.product(
            CANDIDATES, (20, 60, 150, 400), (0.0, 50.0, 250.0), (0.0, 0.1, 0.3), (0.0, 25.0, 60.0), (False, True)):
        waves, phases = rng.normal(0, 1, (6, 2)) / rng.uniform(300, 3000, (6, 1)) * 2 * np.pi, rng.uniform(0, 2 * np.pi, 6)
        points = rng.uniform(bounds[0] - 0.01, bounds[1] + 0.01, (rows * 12 + 500, 2))
        moved = points + np.cos((points * METRES_A_DEGREE) @ waves.T + phases) @ (rng.normal(0, off_m / 1.7, (6, 2))) / METRES_A_DEGREE
        within = shapely.intersects_xy(outline, *moved.T)
        inside, outside = points[within], points[~within]
        if corner:
            apart = np.hypot(*((inside - inside[rng.integers(len(inside))]) * METRES_A_DEGREE).T)
            inside = inside[apart.argsort()[:max(30, len(inside) // 5)]]
        true = np.where((rng.random(rows) < wrong)[:, None], outside[rng.integers(0, len(outside), rows)], inside[rng.integers(0, len(inside), rows)])
        given = from_wgs84(true + rng.normal(0, noise_m + 1e-9, true.shape) / METRES_A_DEGREE, datum)
        stated = Stated(range(rows), {PAIR: given}, ["110101"] * rows, [STREET] * rows, [""] * rows, [""] * rows, [None] * rows)

        decision = evidence.weigh(stated, PAIR, areas=areas).decision

        assert decision in (None, datum), (datum, rows, noise_m, wrong, off_m, corner)
        decided += decision is not None
    assert decided > 60
