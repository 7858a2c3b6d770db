"""How a server can be told to negotiate wrongly: each fault breaks a rule, and a check has to notice."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One deviation. `breaks` holds the ids of the requirements that no longer hold."""

    name: str
    description: str
    breaks: tuple[str, ...]


def _fault(name: str, description: str, *breaks: str) -> Fault:
    return Fault(name=name, description=description, breaks=breaks)


_HEADERS = (
    _fault("header-id-missing", "The stream header has no id", "rfc6120-stream-attribute-response-id"),
    _fault(
        "header-id-reused",
        "The header after a restart has the id of the stream before",
        "rfc6120-4.3.3-restart-new-stream-id",
        "rfc6120-stream-attribute-response-id-unique",
    ),
    _fault(
        "header-id-constant",
        "Every stream header has the same id",
        "rfc6120-stream-attribute-response-id-unique",
        "rfc6120-4.3.3-restart-new-stream-id",
    ),
    _fault(
        "header-id-echoed", "The id of the client's header is given back", "rfc6120-4.7.3-client-id-ignored"
    ),
    _fault(
        "header-without-to-dropped",
        "A header without to ends the connection, and no header comes back",
        "rfc6120-4.1-response-stream-opened",
        "rfc6120-4.7.2-missing-to-tolerated",
    ),
    _fault(
        "header-without-prefix-dropped",
        "A header without the prefix stream ends the connection without an error",
        "rfc6120-4.8.5-bad-stream-prefix",
    ),
    _fault("header-from-missing", "The stream header has no from", "rfc6120-stream-attribute-response-from"),
    _fault(
        "header-from-wrong",
        "The stream header comes from a domain that is not served",
        "rfc6120-4.7.1-response-from-value",
    ),
    _fault(
        "header-to-missing",
        "The stream header has no to although the client said who it is",
        "rfc6120-4.7.2-response-to-bare-jid",
        "rfc6120-stream-attribute-response-to",
    ),
    _fault(
        "header-to-unasked",
        "The stream header has a to although the client did not say who it is",
        "rfc6120-4.7.2-response-to-absent",
    ),
    _fault("header-lang-missing", "The stream header has no xml:lang", "rfc6120-4.7.4-response-lang-present"),
    _fault(
        "header-version-missing",
        "The stream header has no version, though features follow",
        "rfc6120-4.7.5-version-lower-of-two",
    ),
    _fault(
        "header-version-echoed",
        "The stream header repeats any version that the client names",
        "rfc6120-4.7.5-version-lower-of-two",
    ),
    _fault(
        "header-version-unasked",
        "A header without version is answered by one with version",
        "rfc6120-4.7.5-version-absent-no-version-back",
        "legacy-auth-no-version",
    ),
    _fault(
        "header-wrong-stream-namespace",
        "The stream header declares another streams namespace",
        "rfc6120-xml-namespace-streams-declaration",
    ),
    _fault(
        "header-content-namespace-server",
        "The stream header declares jabber:server as content namespace",
        "rfc6120-4.8.2-content-ns-same-both-ways",
    ),
    _fault(
        "header-namespaces-tolerated",
        "A header in wrong namespaces is taken",
        "rfc6120-4.8.1-wrong-stream-namespace",
    ),
    _fault("host-unknown-accepted", "Any domain is served", "stream-error-host-unknown"),
)

_FEATURES = (
    _fault("features-missing", "No features follow any header", "rfc6120-stream-negotiation-features"),
    _fault(
        "features-missing-after-restart",
        "No features follow the header after authentication",
        "rfc6120-4.3.4-features-resent",
    ),
)

_ERRORS = (
    _fault(
        "stream-error-without-header",
        "A stream error during setup comes without a header before it",
        "rfc6120-4.9.1.2-header-before-setup-error",
    ),
    _fault(
        "stream-error-without-condition",
        "A stream error has no condition",
        "rfc6120-4.9.2-one-defined-condition",
    ),
    _fault(
        "stream-error-wrong-namespace",
        "The condition of a stream error is in another namespace",
        "rfc6120-4.9.2-one-defined-condition",
    ),
    _fault(
        "stream-error-wrong-condition",
        "Every stream error says undefined-condition",
        "rfc6120-stream-error-generate",
        "stream-error-undefined-condition",
        "stream-error-restricted-xml",
    ),
    _fault(
        "two-stream-errors",
        "A second stream error follows the closing tag",
        "rfc6120-4.4-no-data-after-close",
    ),
    _fault(
        "stream-not-closed-after-error",
        "The connection stays open after a stream error",
        "rfc6120-4.4-tcp-closed-after-both",
    ),
    _fault(
        "close-tag-unanswered",
        "The client's closing tag is answered by the end of the connection alone",
        "rfc6120-4.4-close-tag-answered",
    ),
    _fault(
        "bad-xml-tolerated",
        "Comments, other encodings and text between stanzas are passed over",
        "stream-error-restricted-xml",
        "stream-error-unsupported-encoding",
    ),
    _fault(
        "stanza-before-auth-ignored",
        "Stanzas before authentication are passed over",
        "stream-error-not-authorized",
    ),
)

_TLS = (
    _fault(
        "starttls-not-advertised",
        "STARTTLS is served and not advertised",
        "rfc6120-5.4.1-starttls-advertised",
    ),
    _fault(
        "starttls-not-marked-required",
        "STARTTLS is mandatory and not marked so",
        "rfc6120-5.4.1-starttls-required-child",
    ),
    _fault(
        "starttls-beside-other-features",
        "SASL is offered and served where STARTTLS is mandatory",
        "rfc6120-5.3.1-required-only-starttls",
        "rfc6120-tls-mtn",
    ),
    _fault(
        "starttls-after-tls",
        "STARTTLS is advertised over TLS",
        "rfc6120-5.4.3.3-no-starttls-after-tls",
        "xep0368-3-no-starttls",
    ),
    _fault(
        "unknown-tls-command-taken",
        "Any element of the TLS namespace starts TLS",
        "rfc6120-4.8.4-foreign-first-level",
    ),
    _fault("starttls-ignored", "The starttls command stays unanswered", "rfc6120-5.4.2.1-starttls-answered"),
    _fault("starttls-refused", "The starttls command is refused though advertised", "rfc6120-tls-support"),
    _fault(
        "starttls-failure-keeps-stream",
        "The stream stays open after a refused starttls command",
        "rfc6120-5.4.2.2-starttls-failure-closes",
    ),
    _fault(
        "proceed-wrong-namespace",
        "The proceed element is in another namespace",
        "rfc6120-5.4.2.1-starttls-answered",
    ),
)

_SASL = (
    _fault(
        "plus-not-offered",
        "The -PLUS mechanisms are not offered, though there is channel binding",
        "rfc5802-6-offer-both",
    ),
    _fault(
        "initial-response-demanded",
        "A mechanism that is started without initial response fails",
        "rfc4422-5-client-first-empty-challenge",
        "rfc6120-6.3.10-separate-round-trips",
    ),
    _fault(
        "second-success",
        "Who is authenticated may authenticate again",
        "rfc4422-3.8-one-success-per-session",
    ),
    _fault(
        "mechanisms-empty",
        "The mechanisms element names no mechanism",
        "rfc6120-6.4.1-mechanisms-list",
    ),
    _fault(
        "plain-offered-in-clear",
        "PLAIN is offered without TLS",
        "rfc6120-13.8.3-plain-needs-tls",
    ),
    _fault(
        "any-password-accepted",
        "Every password is right",
        "rfc5802-3-server-checks-proof",
        "sasl-error-not-authorized",
    ),
    _fault(
        "authzid-unchecked",
        "Any authorization identity is taken and then forgotten",
        "rfc6120-6.3.8-authzid-not-allowed",
        "sasl-error-invalid-authzid",
    ),
    _fault(
        "unknown-user-told-apart",
        "An unknown user gets another condition than a wrong password",
        "rfc6120-6.5.10-no-user-enumeration",
    ),
    _fault(
        "sasl-identity-not-correlated",
        "A client may authenticate as somebody else than its header says",
        "rfc6120-sasl-correlate",
    ),
    _fault(
        "channel-binding-unchecked",
        "The channel binding data of the client are not looked at",
        "rfc5802-6-c-validated",
    ),
    _fault(
        "scram-wrong-server-signature",
        "The server's signature is wrong",
        "rfc5802-3-client-proof",
        "rfc5802-5.2-server-final-with-success",
    ),
    _fault(
        "scram-without-server-signature",
        "Success comes without the server's signature",
        "rfc5802-5.2-server-final-with-success",
    ),
    _fault(
        "scram-nonce-not-extended",
        "The server's nonce does not begin with that of the client",
        "rfc5802-5.1-server-nonce-appended",
    ),
    _fault(
        "scram-low-iterations",
        "The iteration count is 1",
        "rfc5802-5.1-count-sha-1",
        "rfc7677-3-count-sha-256",
    ),
    _fault(
        "failure-without-condition",
        "A SASL failure has no condition",
        "rfc6120-6.4.5-failure-has-condition",
    ),
    _fault(
        "failure-undefined-condition",
        "A SASL failure has a condition that is not defined",
        "rfc6120-6.4.5-failure-has-condition",
        "rfc6120-sasl-errors",
    ),
    _fault(
        "invalid-mechanism-not-named",
        "An unknown mechanism fails with not-authorized",
        "sasl-error-invalid-mechanism",
    ),
    _fault("abort-unanswered", "An abort stays unanswered", "sasl-error-aborted"),
    _fault(
        "second-auth-refused",
        "A new auth during an unfinished handshake is refused",
        "rfc6120-6.4.2-second-auth-restarts",
    ),
    _fault(
        "equals-sign-not-understood",
        "An equals sign is not understood as an initial response of no length",
        "rfc6120-6.4.2-empty-initial-response",
    ),
    _fault(
        "bad-base64-tolerated",
        "Data that are not base64 are decoded somehow",
        "rfc6120-13.9.1-base64-strict",
        "sasl-error-incorrect-encoding",
    ),
    _fault(
        "stream-closed-after-sasl-failure",
        "The first SASL failure ends the stream",
        "rfc6120-6.4.5-retries-allowed",
    ),
    _fault(
        "sasl-retries-unlimited",
        "Passwords may be tried without end",
        "rfc6120-6.4.5-retry-limit-closes",
    ),
)

_BIND = (
    _fault("bind-not-offered", "bind is not among the features", "rfc6120-7.4-bind-feature-after-sasl"),
    _fault(
        "bind-offered-early",
        "bind is offered before authentication",
        "rfc6120-7.4-bind-feature-not-before",
    ),
    _fault(
        "bind-ignores-resource",
        "The server always chooses the resource itself",
        "rfc6120-7.7.1-bind-requested-resource",
    ),
    _fault(
        "bind-result-without-jid",
        "The result of binding does not tell the JID",
        "rfc6120-7.6.1-bind-result-jid",
    ),
    _fault(
        "bind-result-bare-jid",
        "The result of binding tells a bare JID",
        "rfc6120-7.6.1-bind-result-jid",
    ),
    _fault(
        "bind-result-other-user",
        "The result of binding tells somebody else's JID",
        "rfc6120-4.3.6-bare-jid-from-sasl",
    ),
    _fault(
        "bind-result-other-resource",
        "The result of binding tells another resource than the one that was bound",
        "rfc6120-4.3.6-resource-from-bind",
        "rfc6120-7.7.1-bind-requested-resource",
    ),
    _fault("bind-result-wrong-id", "The result of binding has another id", "rfc6120-bind-support"),
    _fault(
        "bind-retries-unlimited",
        "Resources may be tried without end",
        "rfc6120-7.7.3-bind-retry-limit",
    ),
    _fault(
        "features-after-bind",
        "Further features follow the result of binding",
        "rfc6120-4.3.5-no-extra-features-after-completion",
    ),
    _fault(
        "bind-error-wrong-condition",
        "A resource that cannot be had is refused with undefined-condition",
        "rfc6120-7.7.2.1-bind-bad-resource",
        "rfc6120-7.7.2.2-bind-conflict",
    ),
    _fault(
        "stanza-before-bind-ignored",
        "What comes for others before a resource is bound is passed over",
        "rfc6120-7.1-stanza-before-bind",
    ),
    _fault(
        "stanza-before-bind-answered",
        "Requests to others are answered before a resource is bound",
        "rfc6120-7.1-stanza-before-bind",
    ),
)

_LEGACY = (
    _fault(
        "legacy-error-without-code",
        "Errors of jabber:iq:auth have no numeric code",
        "xep0078-5-old-and-new-errors",
    ),
    _fault(
        "legacy-error-echoes-credentials",
        "Errors of jabber:iq:auth repeat the password",
        "xep0078-3.1-error-no-echo",
    ),
    _fault(
        "legacy-unknown-user-told",
        "Asked for the fields, the server tells that there is no such user",
        "xep0078-3.1-get-unknown-user",
    ),
    _fault(
        "legacy-resource-not-asked",
        "The fields of jabber:iq:auth have no resource",
        "xep0078-3.1-get-fields",
    ),
    _fault(
        "legacy-resource-not-needed",
        "jabber:iq:auth works without a resource",
        "xep0078-3.1-not-acceptable",
    ),
    _fault(
        "legacy-after-sasl-failure",
        "jabber:iq:auth is served after a SASL failure",
        "xep0078-3.1-after-sasl-failure",
    ),
    _fault("legacy-unanswered", "Requests of jabber:iq:auth stay unanswered", "rfc6120-stanza-iq-reply"),
    _fault(
        "legacy-plain-refused",
        "The password is asked for and the right one is refused",
        "xep0078-3.1-set-plain",
        "legacy-auth-plain",
    ),
    _fault(
        "digest-in-capitals",
        "The digest has to be written in upper-case digits",
        "xep0078-3.1-digest-algorithm",
        "xep0078-3.1-set-digest",
        "legacy-auth-digest",
        "legacy-auth-digest-value",
    ),
    _fault("digest-unchecked", "Every digest is right", "xep0078-3.1-digest-algorithm"),
)

#: All faults by name.
FAULTS: Mapping[str, Fault] = {
    fault.name: fault for fault in (*_HEADERS, *_FEATURES, *_ERRORS, *_TLS, *_SASL, *_BIND, *_LEGACY)
}
