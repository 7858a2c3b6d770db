"""The JSON schemas of the run record and of the summary, generated from their structs."""

import json
from typing import Any

import msgspec

from harness.results.records import Record
from harness.results.summary_records import Summary

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def record_schema() -> dict[str, Any]:  # a JSON schema is whatever JSON holds
    """Return the schema that each line of a run record obeys."""
    return _titled("One line of an xmpp-harness run record", msgspec.json.schema(Record))


def summary_schema() -> dict[str, Any]:
    """Return the schema that `summary.json` obeys."""
    return _titled("The summary of an xmpp-harness run", msgspec.json.schema(Summary))


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as it stands in `reports/`."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _titled(title: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DRAFT, "title": title, **schema}
