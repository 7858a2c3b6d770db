"""Faults of logging in and registering."""

from harness.faults.fault import table

LOGIN_FAULTS = table(
    (
        "plain-in-clear",
        "The password is sent in the clear though TLS was not switched off",
        "rfc6120-13.8.3-client-plain-needs-tls",
        "rfc4616-5-plain-unprotected",
        "xep0078-7-plaintext-needs-tls",
    ),
    ("weakest-mechanism-first", "The weakest mechanism is tried first", "rfc6120-13.8.3-plain-last-resort"),
    (
        "server-order-followed",
        "Mechanisms are tried in the server's order",
        "rfc6120-6.3.3-client-preference-order",
    ),
    (
        "unknown-mechanism-tried",
        "A mechanism is asked for that we do not have",
        "rfc6120-6.3.3-client-only-own-mechanisms",
    ),
    (
        "plus-not-used",
        "Channel binding is not used where it is offered",
        "rfc6120-13.9.4-prefer-channel-binding",
        "rfc5802-6-client-p-flag",
    ),
    (
        "authzid-sent",
        "An authorization identity is sent that nobody needs",
        "rfc6120-6.3.8-authzid-only-when-needed",
    ),
    (
        "scram-wrong-signature-accepted",
        "The server's signature is not checked",
        "rfc5802-5-client-checks-signature",
    ),
    (
        "scram-missing-signature-accepted",
        "Success without the server's signature is success",
        "rfc5802-5-client-needs-signature",
    ),
    (
        "scram-early-success-accepted",
        "Success that comes before any challenge is success",
        "rfc5802-5-client-needs-signature",
    ),
    (
        "scram-nonce-unchecked",
        "The server's nonce need not begin with ours",
        "rfc5802-5.1-client-checks-nonce",
    ),
    ("scram-nonce-constant", "Our nonce is always the same", "rfc5802-5.1-nonce-fresh"),
    (
        "scram-demand-ignored",
        "A demand for an extension of SCRAM is passed over",
        "rfc5802-5.1-reserved-m-client",
    ),
    ("scram-flag-n-always", "The client claims to know no channel binding", "rfc5802-6-client-no-n-flag"),
    (
        "sasl-failure-ignored",
        "The login goes on after a failure of SASL",
        "rfc6120-sasl-mtn",
        "rfc6120-sasl-errors",
        "rfc6120-6.4.5-client-closes-when-exhausted",
        "rfc6120-6.5-unknown-sasl-condition",
    ),
    ("sasl-without-restart", "There is no new stream after SASL", "rfc6120-sasl-restart"),
    ("resource-not-asked-for", "The resource that the user wants is not asked for", "rfc6120-bind-support"),
    (
        "assigned-resource-ignored",
        "The client takes as its JID what it asked for, not what it got",
        "rfc6120-4.3.6-client-uses-server-jid",
    ),
    (
        "session-left-out",
        "No session is started although the server wants it",
        "rfc6120-4.3.2-mandatory-feature-continues",
    ),
    ("legacy-login-preferred", "The old login is used although there is SASL", "xep0078-7-prefer-sasl"),
    (
        "legacy-password-preferred",
        "The old login sends the bare password although a digest is possible",
        "xep0078-7-plaintext-not-default",
    ),
    (
        "legacy-digest-in-capitals",
        "The digest is written in upper case",
        "xep0078-3.1-digest-algorithm",
        "legacy-auth-digest-value",
    ),
    (
        "fields-not-asked-for",
        "An account is registered without asking for the fields",
        "xep0077-3.1-get-first",
    ),
    (
        "fields-left-out",
        "Only name and password are sent, whatever is asked for",
        "xep0077-3.1-client-sends-all",
    ),
    ("registration-key-lost", "The key of the fields is not sent back", "legacy-register-key"),
    ("form-not-understood", "The fields are filled in although there is a form", "xep0077-6-precedence"),
    (
        "registration-error-ignored",
        "A registration that failed is told as done",
        "xep0077-9-old-and-new-errors",
        "rfc6120-stanza-error",
    ),
    ("sasl-data-with-line-breaks", "The data of SASL are broken into lines", "rfc6120-6.3.5-base64-payload"),
    ("bind-left-out", "No resource is bound", "rfc6120-7.1-bind-after-sasl", "rfc6120-bind-mtn"),
    (
        "bind-error-ignored",
        "The client takes itself for bound where binding was refused",
        "rfc6120-bind-mtn",
        "rfc6120-stanza-error",
    ),
    ("legacy-resource-missing", "The old login names no resource", "xep0078-3.1-resource-required"),
    (
        "sasl-skipped",
        "Where binding is offered and no mechanism is, a resource is bound without SASL",
        "rfc6120-sasl-mtn",
        "rfc6120-7.1-bind-after-sasl",
    ),
    ("repeated-mechanism-refused", "A mechanism that is listed twice counts as none", "rfc6120-sasl-support"),
    (
        "first-feature-only",
        "Of the stream features only the first is looked at",
        "rfc6120-tls-support",
        "rfc6120-bind-support",
        "rfc6120-4.3.2-mandatory-feature-continues",
    ),
    (
        "bad-base64-tolerated",
        "Signs outside the alphabet of base64 are skipped",
        "rfc6120-13.9.1-base64-strict",
    ),
    (
        "empty-challenge-answered",
        "An empty challenge is answered by a proof as if it held nonce, salt and count",
        "rfc5802-5.1-client-checks-nonce",
    ),
    (
        "account-made-in-clear",
        "Name and password of a new account are sent where TLS is required and not offered",
        "rfc7590-3.4-clients-authenticate-servers",
    ),
    ("form-and-fields-sent", "Beside the form the fields are sent, too", "xep0077-4-form-or-fields"),
    ("form-beside-query", "The form stands beside the query", "xep0077-4-form-in-query"),
    ("password-field-left-out", "The field of the password is left out", "xep0077-3.1-client-sends-all"),
    (
        "hidden-fields-left-out",
        "Hidden fields of a form are left out",
        "xep0004-3.3-hidden-unchanged",
    ),
    (
        "address-passed-over",
        "Where there is an address and no field, name and password are sent",
        "xep0077-6-precedence",
    ),
)
