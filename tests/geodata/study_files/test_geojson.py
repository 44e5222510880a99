"""A study as GeoJSON: layers told apart by a property, WGS-84, one valid document."""

from __future__ import annotations

import json
from collections import Counter

import geopandas
import pytest

from geodata import study_files
from locator.errors import BadFile


def test_every_feature_says_its_layer_and_the_question_stands_beside(night, written):
    path = written(night, ".geojson")
    document = json.loads(path.read_text("utf-8"))

    layers = Counter(feature["properties"]["layer"] for feature in document["features"])
    assert layers == {"areas": 17, "gaps": night.gaps["count"], "emptiest_circle": 17, "sites": 24}
    assert document["query"]["radius_m"] == 1500
    assert document["query"]["tolerance_m"] == 1
    assert document["demand_source"]["source"] == "试点人口"
    assert document["total"] == night.coverage["total"]
    assert (document["version"], document["key"]) == (7, "0" * 32)
    assert len(geopandas.read_file(path)) == len(document["features"])


def test_what_another_ending_asks_for_is_refused(night, tmp_path):
    for name in ("study.pdf", "study", "no/such/folder.gpkg"):
        with pytest.raises(BadFile):
            study_files.write(tmp_path / name, night)
    assert list(tmp_path.iterdir()) == []
