"""The JSON schema of the run record, generated from its structs."""

import json
from typing import Any

import msgspec

from harness.results.records import Record

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def record_schema() -> dict[str, Any]:  # a JSON schema is whatever JSON holds
    """Return the schema that each line of a run record obeys."""
    return {
        "$schema": _DRAFT,
        "title": "One line of an xmpp-harness run record",
        **msgspec.json.schema(Record),
    }


def schema_text() -> str:
    """Return the schema as it stands in `reports/run-record.schema.json`."""
    return json.dumps(record_schema(), indent=2, sort_keys=True) + "\n"
