"""The error conditions of XMPP, with what the specifications tie to each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

AUTH, CANCEL, CONTINUE, MODIFY, WAIT = "auth", "cancel", "continue", "modify", "wait"

#: Every value that the `type` of a stanza error may have (RFC 6120, 8.3.2).
ERROR_TYPES = frozenset({AUTH, CANCEL, CONTINUE, MODIFY, WAIT})


@dataclass(frozen=True, kw_only=True, slots=True)
class StanzaCondition:
    """A stanza error condition.

    `types` are those that RFC 6120 says it should come with: a SHOULD, so another type deviates and
    is not an error. `code` and `legacy_type` are those of XEP-0086, table 1; None where the condition
    is younger than that table, and None as type where any will do.
    """

    name: str
    types: frozenset[str]
    code: int | None
    legacy_type: str | None
    section: str


def _stanza(
    name: str, types: frozenset[str] | str, code: int | None, legacy_type: str | None, section: int
) -> StanzaCondition:
    return StanzaCondition(
        name=name,
        types=frozenset({types}) if isinstance(types, str) else types,
        code=code,
        legacy_type=legacy_type,
        section=f"8.3.3.{section}" if section else "",
    )


#: RFC 6120, 8.3.3, and payment-required, which RFC 3920 (9.3.3) had and RFC 6120 dropped.
STANZA_CONDITIONS: Mapping[str, StanzaCondition] = MappingProxyType(
    {
        condition.name: condition
        for condition in (
            _stanza("bad-request", MODIFY, 400, MODIFY, 1),
            _stanza("conflict", CANCEL, 409, CANCEL, 2),
            _stanza("feature-not-implemented", frozenset({CANCEL, MODIFY}), 501, CANCEL, 3),
            _stanza("forbidden", AUTH, 403, AUTH, 4),
            _stanza("gone", CANCEL, 302, MODIFY, 5),
            _stanza("internal-server-error", CANCEL, 500, WAIT, 6),
            _stanza("item-not-found", CANCEL, 404, CANCEL, 7),
            _stanza("jid-malformed", MODIFY, 400, MODIFY, 8),
            _stanza("not-acceptable", MODIFY, 406, MODIFY, 9),
            _stanza("not-allowed", CANCEL, 405, CANCEL, 10),
            _stanza("not-authorized", AUTH, 401, AUTH, 11),
            _stanza("payment-required", AUTH, 402, AUTH, 0),
            _stanza("policy-violation", frozenset({MODIFY, WAIT}), None, None, 12),
            _stanza("recipient-unavailable", WAIT, 404, WAIT, 13),
            _stanza("redirect", MODIFY, 302, MODIFY, 14),
            _stanza("registration-required", AUTH, 407, AUTH, 15),
            _stanza("remote-server-not-found", CANCEL, 404, CANCEL, 16),
            _stanza("remote-server-timeout", WAIT, 504, WAIT, 17),
            _stanza("resource-constraint", WAIT, 500, WAIT, 18),
            _stanza("service-unavailable", CANCEL, 503, CANCEL, 19),
            _stanza("subscription-required", AUTH, 407, AUTH, 20),
            _stanza("undefined-condition", ERROR_TYPES, 500, None, 21),
            _stanza("unexpected-request", frozenset({MODIFY, WAIT}), 400, WAIT, 22),
        )
    }
)

#: What a lone numeric code means: condition and type of XEP-0086, table 2.
LEGACY_CODES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        302: ("redirect", MODIFY),  # or gone, when it is for good
        400: ("bad-request", MODIFY),
        401: ("not-authorized", AUTH),
        402: ("payment-required", AUTH),
        403: ("forbidden", AUTH),
        404: ("item-not-found", CANCEL),
        405: ("not-allowed", CANCEL),
        406: ("not-acceptable", MODIFY),
        407: ("registration-required", AUTH),
        408: ("remote-server-timeout", WAIT),
        409: ("conflict", CANCEL),
        500: ("internal-server-error", WAIT),
        501: ("feature-not-implemented", CANCEL),
        502: ("service-unavailable", WAIT),
        503: ("service-unavailable", CANCEL),
        504: ("remote-server-timeout", WAIT),
        510: ("service-unavailable", CANCEL),
    }
)

#: Stream error conditions and the subsection of RFC 6120, 4.9.3, that defines each.
STREAM_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        name: f"4.9.3.{number}"
        for number, name in enumerate(
            (
                "bad-format",
                "bad-namespace-prefix",
                "conflict",
                "connection-timeout",
                "host-gone",
                "host-unknown",
                "improper-addressing",
                "internal-server-error",
                "invalid-from",
                "invalid-namespace",
                "invalid-xml",
                "not-authorized",
                "not-well-formed",
                "policy-violation",
                "remote-connection-failed",
                "reset",
                "resource-constraint",
                "restricted-xml",
                "see-other-host",
                "system-shutdown",
                "undefined-condition",
                "unsupported-encoding",
                "unsupported-feature",
                "unsupported-stanza-type",
                "unsupported-version",
            ),
            start=1,
        )
    }
)

#: SASL failure conditions and the subsection of RFC 6120, 6.5, that defines each.
SASL_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        name: f"6.5.{number}"
        for number, name in enumerate(
            (
                "aborted",
                "account-disabled",
                "credentials-expired",
                "encryption-required",
                "incorrect-encoding",
                "invalid-authzid",
                "invalid-mechanism",
                "malformed-request",
                "mechanism-too-weak",
                "not-authorized",
                "temporary-auth-failure",
            ),
            start=1,
        )
    }
)
