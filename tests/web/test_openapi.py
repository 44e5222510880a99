"""The contract and the routes say the same."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import HERE
from web import contract, params


@pytest.fixture
def document(client):
    return client.get("/api/v1/openapi.json").get_json()


def test_every_api_route_is_in_the_contract_and_nothing_else(client, document):
    served = {(re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower()) for rule in client.application.url_map.iter_rules()
              for method in rule.methods - {"HEAD", "OPTIONS"} if rule.rule.startswith("/api/v1/")}
    told = {(path, method) for path, operations in document["paths"].items() for method in operations}

    assert told == served - {("/api/v1/openapi.json", "get"), ("/api/v1/areas/outlines", "get")}


def test_the_contract_names_every_parameter_a_route_takes(document):
    told = {p["name"]: p for p in document["paths"]["/api/v1/nearest"]["get"]["parameters"]}
    body = document["paths"]["/api/v1/nearest"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    assert list(told) == [p.name for p in params.NEAREST] == list(body["properties"])
    assert [name for name, p in told.items() if p["required"]] == ["lon", "lat"] == body["required"]
    assert told["facility"]["schema"]["type"] == "array"
    assert told["k"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}
    assert told["state"]["schema"]["enum"] == ["open", "open-on-arrival", "all-day"]


def test_every_reference_leads_somewhere_and_nothing_is_null_that_must_not_be(document):
    text = str(document)

    for name in re.findall(r"#/components/schemas/(\w+)", text):
        assert name in document["components"]["schemas"], name
    assert document["components"].get("securitySchemes") is not None
    assert document["openapi"].startswith("3.1")


def test_every_operation_can_be_refused_in_the_one_shape(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            refused = operation["responses"]["400"]["content"]
            assert refused == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, (path, method)


@pytest.mark.parametrize(("path", "model"), [
    ("/api/v1/nearest", contract.NearestAnswer), ("/api/v1/sites", contract.SitesAnswer),
    ("/api/v1/sites/s1", contract.SiteRecord), ("/api/v1/search?q=驿站", contract.SearchAnswer),
    ("/api/v1/vocabulary", contract.VocabularyAnswer), ("/api/v1/areas", contract.AreasAnswer), ("/api/v1/places", contract.PlacesAnswer),
    ("/healthz", contract.Health), ("/readyz", contract.Ready)])
def test_every_answer_keeps_its_model(client, path, model):
    response = client.get(path, query_string=HERE if path.endswith("nearest") else None)

    model.model_validate(response.get_json())


def test_the_contract_has_a_page_for_people_without_outside_assets(client, document):
    text = client.get("/api/docs").text

    for path in document["paths"]:
        assert path in text
    assert "cdn" not in text
