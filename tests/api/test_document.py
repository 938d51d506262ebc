"""The document and its page: complete, in the words of the models, without a script."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from django.test import Client

from noroshi.api.document import document
from noroshi.api.schemas import inventory, measures, shared, vulnerabilities, warnings
from noroshi.directory.models import Role, Scope
from noroshi.formats import ssvc
from noroshi.formats.inventory_csv import FIELDS
from noroshi.inventory import models as inventory_models
from noroshi.measures import models as measures_models
from noroshi.measures import states as measures_states
from noroshi.sharing.labels import Sensitivity
from noroshi.vulnerabilities import models as vulnerability_models
from noroshi.vulnerabilities import states as vulnerability_states
from noroshi.warnings import models as warning_models
from noroshi.warnings import states as warning_states


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        (inventory.Exposure, inventory_models.Exposure.values),
        (inventory.Criticality, inventory_models.Criticality.values),
        (inventory.Environment, inventory_models.Environment.values),
        (inventory.ImportState, inventory_models.ImportState.values),
        (inventory.ChangeKind, inventory_models.ChangeKind.values),
        (inventory.Field_, FIELDS),
        (vulnerabilities.State, vulnerability_states.State.values),
        (vulnerabilities.Severity, vulnerability_states.Severity.values),
        (vulnerabilities.Priority, vulnerability_states.Priority.values),
        (vulnerabilities.Decision, vulnerability_states.Decision.values),
        (vulnerabilities.Certainty, vulnerability_states.Certainty.values),
        (vulnerabilities.How, vulnerability_models.MatchMethod.values),
        (vulnerabilities.Outcome, vulnerability_models.Outcome.values),
        (vulnerabilities.RangeStatus, vulnerability_models.RangeStatus.values),
        (vulnerabilities.CloseReason, [*vulnerability_models.CloseReason.values, ""]),
        (measures.Kind, measures_models.Kind.values),
        (measures.State, measures_states.State.values),
        (measures.What, measures_models.What.values),
        (measures.Reason, [*measures_models.Reason.values, ""]),
        (warnings.Kind, warning_models.Kind.values),
        (warnings.State, warning_states.State.values),
        (warnings.AnswerState, warning_states.AnswerState.values),
        (shared.Tlp, [label.text for label in Sensitivity]),
        *(
            (vulnerabilities.Choice.model_fields[name].annotation, getattr(ssvc, name.upper()))
            for name in (
                "exploitation",
                "exposure",
                "automatable",
                "human_impact",
                "technical_impact",
            )
        ),
    ],
)
def test_the_document_knows_each_word_that_the_models_know(
    listed: object, known: list[str]
) -> None:
    assert set(get_args(listed)) == set(known)


def test_every_operation_says_its_scope_its_problems_and_lists_its_names() -> None:
    openapi = document()
    ids = []
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            ids.append(operation["operationId"])
            assert operation["x-scope"] in Scope.values
            assert operation["summary"], path
            assert (operation["x-scope"] == "read") == (method == "get")
            assert {"400", "401", "403", "404", "500"} <= set(operation["responses"])
            for form in operation.get("requestBody", {}).get("content", {}).values():
                schema = form["schema"]
                if "$ref" in schema:
                    schema = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
                    assert schema["additionalProperties"] is False, path
    assert len(ids) == len(set(ids))


def test_every_role_and_scope_is_in_the_document() -> None:
    schemas = document()["components"]["schemas"]
    assert set(schemas["Roles"]["properties"]["roles"]["items"]["enum"]) == set(Role.values)
    assert set(schemas["TokenFacts"]["properties"]["scopes"]["items"]["enum"]) == set(Scope.values)


def test_anybody_may_read_the_document_and_its_page(db: None, client: Client) -> None:
    assert client.get("/api/v1/openapi.json").json() == document()
    page = client.get("/api/v1/docs", headers={"Accept-Language": "ja"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for path in document()["paths"]:
        assert path in text
    assert 'lang="ja"' in text


def test_the_page_of_the_document_has_no_inline_script_or_style_and_loads_nothing_foreign(
    db: None, client: Client
) -> None:
    text = client.get("/api/v1/docs").content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\sstyle=|<style|\son\w+=", text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address.startswith(("/", "#")), address


def test_a_problems_type_leads_to_the_place_that_explains_it(db: None, client: Client) -> None:
    text = client.get("/api/v1/docs").content.decode()
    for status in (400, 401, 403, 404, 409, 413, 415, 500, 503):
        assert f'id="problem-{status}"' in text
