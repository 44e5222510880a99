"""The API keeps its contract whatever is sent: schemathesis makes the requests from the contract itself.

Each operation is asked with right and with wrong values; every answer must have a status, a content type
and a shape that the contract names, wrong values are refused, and nothing is a server error. Over a registry,
so that history and changes answer too.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from geodata.registry import Registry
from tests.geodata.studies.conftest import give_people
from tests.web.conftest import WEDNESDAY_TEN, few_sites
from tests.web.offices import do_jobs_at_once
from web import create_app

EXAMPLES = 12
IMPORTING = ("/api/v1/import", "/api/v1/jobs/{job_id}")
NOT_CHECKED = [positive_data_acceptance]
"""Codes are texts in the contract, for every installation adds words of its own: a text may be no code."""


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    home = tmp_path_factory.mktemp("contract")
    with Registry.open(home, create=True) as registry:
        registry.commit(few_sites(), who="test", why="a few sites")
    give_people(home, "lon,lat,people\n116.41,39.91,20\n116.45,39.95,30\n")
    app = create_app({"home": home, "clock": lambda: WEDNESDAY_TEN})
    assert app.extensions["atlas"].wait(30)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    app.extensions["atlas"].stop()


@pytest.fixture(scope="module")
def tokens(schema):
    registry = schema.app.extensions["atlas"].registry
    registry.accounts.add("program", display="program", role="city", area="110000", by="test", at=WEDNESDAY_TEN)
    return {who: registry.tokens.add(registry.accounts.named("program"), label="test", scope=scope, area=None,
                                     until=WEDNESDAY_TEN + timedelta(days=1), at=WEDNESDAY_TEN)
            for who, scope in (("administrator", "write"), ("importer", "import"))}


@pytest.fixture(autouse=True)
def _work_here(monkeypatch):
    """Do the work of jobs in this process: a process of its own for each of some hundred files would take minutes."""
    do_jobs_at_once(monkeypatch)


def can_be_asked_wrongly(operation):
    """Say whether a request can break the contract of an operation: nothing in an address is wrong where any text may stand there."""
    return "401" in operation["responses"] or "requestBody" in operation or any(p["in"] != "path" for p in operation.get("parameters", ()))


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", ["stranger", "administrator", "importer"])
def test_the_api_keeps_its_contract_whatever_is_sent(schema, tokens, who, mode):
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {})
    asked = 0
    for operation in (found.ok() for found in schema.get_all_operations()):
        if who in tokens and "401" not in operation.definition.raw["responses"]:
            continue  # the same for everybody
        if who == "importer" and operation.path not in IMPORTING:
            continue  # as for any other token

        if mode is GenerationMode.NEGATIVE and not can_be_asked_wrongly(operation.definition.raw):
            asked += 1
            continue

        @settings(max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_contract(case):
            response = case.call(headers=headers)
            if response.status_code == 501:  # what this registry does not have is said to be missing
                assert [error["field"] for error in response.json()["errors"]] == ["network"]
            else:
                # a good token that is sent beside what was made up is taken for a bad one that is let in
                case.validate_response(response, excluded_checks=[*NOT_CHECKED, *([ignored_auth] if who in tokens else [])])

        keeps_its_contract()
        asked += 1

    told = [operation for operations in schema.raw_schema["paths"].values() for operation in operations.values()]
    everything = sum("401" in operation["responses"] or who == "stranger" for operation in told)
    assert asked == (everything if who != "importer" else sum(len(schema.raw_schema["paths"][path]) for path in IMPORTING))
