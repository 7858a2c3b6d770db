"""All monitors there are."""

from harness.monitors.monitor import Monitor
from harness.monitors.stream_headers import (
    HeaderLanguage,
    HeaderNamespaces,
    HeaderVersion,
    InitialHeader,
    InitialHeaderLanguage,
    ResponseHeaderAttributes,
    ResponseHeaderTo,
    UniqueStreamIds,
)
from harness.monitors.xml import (
    NothingAfterEnd,
    OnlyWhitespaceBetweenStanzas,
    RestrictedXml,
    Utf8Output,
    WellFormedOutput,
)


def all_monitors() -> tuple[type[Monitor], ...]:
    """Every monitor, in the order in which reports show them."""
    return (
        WellFormedOutput,
        Utf8Output,
        RestrictedXml,
        OnlyWhitespaceBetweenStanzas,
        NothingAfterEnd,
        ResponseHeaderAttributes,
        ResponseHeaderTo,
        HeaderVersion,
        HeaderNamespaces,
        HeaderLanguage,
        InitialHeader,
        InitialHeaderLanguage,
        UniqueStreamIds,
    )
