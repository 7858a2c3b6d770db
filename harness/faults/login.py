"""Faults of logging in: SASL, binding a resource, and the login of before SASL (XEP-0078)."""

from harness.faults.fault import table

LOGIN_FAULTS = table(
    (
        "plus-not-offered",
        "The -PLUS mechanisms are not offered, though there is channel binding",
        "rfc5802-6-offer-both",
    ),
    (
        "initial-response-demanded",
        "A mechanism that is started without initial response fails",
        "rfc4422-5-client-first-empty-challenge",
        "rfc6120-6.3.10-separate-round-trips",
    ),
    ("second-success", "Who is authenticated may authenticate again", "rfc4422-3.8-one-success-per-session"),
    ("mechanisms-empty", "The mechanisms element names no mechanism", "rfc6120-6.4.1-mechanisms-list"),
    ("plain-offered-in-clear", "PLAIN is offered without TLS", "rfc6120-13.8.3-plain-needs-tls"),
    (
        "any-password-accepted",
        "Every password is right",
        "rfc5802-3-server-checks-proof",
        "sasl-error-not-authorized",
    ),
    (
        "authzid-unchecked",
        "Any authorization identity is taken and then forgotten",
        "rfc6120-6.3.8-authzid-not-allowed",
        "sasl-error-invalid-authzid",
    ),
    (
        "unknown-user-told-apart",
        "An unknown user gets another condition than a wrong password",
        "rfc6120-6.5.10-no-user-enumeration",
    ),
    (
        "sasl-identity-not-correlated",
        "A client may authenticate as somebody else than its header says",
        "rfc6120-sasl-correlate",
    ),
    (
        "channel-binding-unchecked",
        "The channel binding data of the client are not looked at",
        "rfc5802-6-c-validated",
    ),
    (
        "scram-wrong-server-signature",
        "The server's signature is wrong",
        "rfc5802-3-client-proof",
        "rfc5802-5.2-server-final-with-success",
    ),
    (
        "scram-without-server-signature",
        "Success comes without the server's signature",
        "rfc5802-5.2-server-final-with-success",
    ),
    (
        "scram-nonce-not-extended",
        "The server's nonce does not begin with that of the client",
        "rfc5802-5.1-server-nonce-appended",
    ),
    (
        "scram-low-iterations",
        "The iteration count is 1",
        "rfc5802-5.1-count-sha-1",
        "rfc7677-3-count-sha-256",
    ),
    ("failure-without-condition", "A SASL failure has no condition", "rfc6120-6.4.5-failure-has-condition"),
    (
        "failure-undefined-condition",
        "A SASL failure has a condition that is not defined",
        "rfc6120-6.4.5-failure-has-condition",
        "rfc6120-sasl-errors",
    ),
    (
        "invalid-mechanism-not-named",
        "An unknown mechanism fails with not-authorized",
        "sasl-error-invalid-mechanism",
    ),
    ("abort-unanswered", "An abort stays unanswered", "sasl-error-aborted"),
    (
        "second-auth-refused",
        "A new auth during an unfinished handshake is refused",
        "rfc6120-6.4.2-second-auth-restarts",
    ),
    (
        "equals-sign-not-understood",
        "An equals sign is not understood as an initial response of no length",
        "rfc6120-6.4.2-empty-initial-response",
    ),
    (
        "bad-base64-tolerated",
        "Data that are not base64 are decoded somehow",
        "rfc6120-13.9.1-base64-strict",
        "sasl-error-incorrect-encoding",
    ),
    (
        "stream-closed-after-sasl-failure",
        "The first SASL failure ends the stream",
        "rfc6120-6.4.5-retries-allowed",
    ),
    ("sasl-retries-unlimited", "Passwords may be tried without end", "rfc6120-6.4.5-retry-limit-closes"),
    ("bind-not-offered", "bind is not among the features", "rfc6120-7.4-bind-feature-after-sasl"),
    ("bind-offered-early", "bind is offered before authentication", "rfc6120-7.4-bind-feature-not-before"),
    (
        "bind-ignores-resource",
        "The server always chooses the resource itself",
        "rfc6120-7.7.1-bind-requested-resource",
    ),
    (
        "bind-result-without-jid",
        "The result of binding does not tell the JID",
        "rfc6120-7.6.1-bind-result-jid",
    ),
    ("bind-result-bare-jid", "The result of binding tells a bare JID", "rfc6120-7.6.1-bind-result-jid"),
    (
        "bind-result-other-user",
        "The result of binding tells somebody else's JID",
        "rfc6120-4.3.6-bare-jid-from-sasl",
    ),
    (
        "bind-result-other-resource",
        "The result of binding tells another resource than the one that was bound",
        "rfc6120-4.3.6-resource-from-bind",
        "rfc6120-7.7.1-bind-requested-resource",
    ),
    ("bind-result-wrong-id", "The result of binding has another id", "rfc6120-bind-support"),
    ("bind-retries-unlimited", "Resources may be tried without end", "rfc6120-7.7.3-bind-retry-limit"),
    (
        "features-after-bind",
        "Further features follow the result of binding",
        "rfc6120-4.3.5-no-extra-features-after-completion",
    ),
    (
        "bind-error-wrong-condition",
        "A resource that cannot be had is refused with undefined-condition",
        "rfc6120-7.7.2.1-bind-bad-resource",
        "rfc6120-7.7.2.2-bind-conflict",
    ),
    (
        "stanza-before-bind-ignored",
        "What comes for others before a resource is bound is passed over",
        "rfc6120-7.1-stanza-before-bind",
    ),
    (
        "stanza-before-bind-answered",
        "Requests to others are answered before a resource is bound",
        "rfc6120-7.1-stanza-before-bind",
    ),
    (
        "legacy-error-without-code",
        "Errors of jabber:iq:auth have no numeric code",
        "xep0078-5-old-and-new-errors",
    ),
    (
        "legacy-error-echoes-credentials",
        "Errors of jabber:iq:auth repeat the password",
        "xep0078-3.1-error-no-echo",
    ),
    (
        "legacy-unknown-user-told",
        "Asked for the fields, the server tells that there is no such user",
        "xep0078-3.1-get-unknown-user",
    ),
    ("legacy-resource-not-asked", "The fields of jabber:iq:auth have no resource", "xep0078-3.1-get-fields"),
    ("legacy-resource-not-needed", "jabber:iq:auth works without a resource", "xep0078-3.1-not-acceptable"),
    (
        "legacy-after-sasl-failure",
        "jabber:iq:auth is served after a SASL failure",
        "xep0078-3.1-after-sasl-failure",
    ),
    ("legacy-unanswered", "Requests of jabber:iq:auth stay unanswered", "rfc6120-stanza-iq-reply"),
    (
        "legacy-plain-refused",
        "The password is asked for and the right one is refused",
        "xep0078-3.1-set-plain",
        "legacy-auth-plain",
    ),
    (
        "digest-in-capitals",
        "The digest has to be written in upper-case digits",
        "xep0078-3.1-digest-algorithm",
        "xep0078-3.1-set-digest",
        "legacy-auth-digest",
        "legacy-auth-digest-value",
    ),
    ("digest-unchecked", "Every digest is right", "xep0078-3.1-digest-algorithm"),
)
