from harness.xmpp.conditions import (
    ERROR_TYPES,
    LEGACY_CODES,
    SASL_CONDITIONS,
    STANZA_CONDITIONS,
    STREAM_CONDITIONS,
)


def test_tables_are_whole() -> None:
    assert len(STANZA_CONDITIONS) == 23
    assert len(STREAM_CONDITIONS) == 25
    assert len(SASL_CONDITIONS) == 11


def test_sections_count_up_in_the_order_of_the_rfc() -> None:
    assert STANZA_CONDITIONS["unexpected-request"].section == "8.3.3.22"
    assert STREAM_CONDITIONS["unsupported-version"] == "4.9.3.25"
    assert SASL_CONDITIONS["temporary-auth-failure"] == "6.5.11"


def test_types_are_known() -> None:
    for condition in STANZA_CONDITIONS.values():
        assert condition.types
        assert condition.types <= ERROR_TYPES
        assert condition.legacy_type is None or condition.legacy_type in ERROR_TYPES


def test_legacy_codes_lead_to_known_conditions() -> None:
    for condition, kind in LEGACY_CODES.values():
        assert condition in STANZA_CONDITIONS
        assert kind in ERROR_TYPES
