"""Faults in discovery, small questions and extensions."""

from harness.reference.faults import table

SERVICE_FAULTS = table(
    ("disco-identity-missing", "the server shows no identity", "xep0030-3.1-info-identity"),
    ("disco-feature-missing", "the server does not list disco#info", "xep0030-3.1-info-feature"),
    ("disco-service-missing", "the room service is not listed", "xep0045-6.1-service-in-items"),
    ("disco-item-without-jid", "an item has an empty JID", "xep0030-4.1-items-jid"),
    ("disco-unknown-node-answered", "an unknown node is answered like none", "xep0030-3.2-unknown-node"),
    (
        "disco-account-shown-to-strangers",
        "an account shows itself to anybody",
        "xep0030-8-info-no-subscription xep0030-8-items-no-subscription",
    ),
    ("ping-refused", "a ping is refused", "xep0199-4.2-server-answers"),
    ("version-without-version", "the version has no version", "xep0092-2-version"),
    ("version-without-name", "the version has no name", "xep0092-2-name"),
    ("time-malformed", "the time is written with a space", "xep0202-2-result-utc"),
    ("time-zone-malformed", "the zone is written as a name", "xep0202-2-result-tzo"),
    ("legacy-time-modern", "the old time is written in the new form", "legacy-time-utc-format"),
    ("last-without-seconds", "last activity has no seconds", "xep0012-2-seconds"),
    (
        "last-shown-to-strangers",
        "last activity is told to anybody",
        "xep0012-3-offline-forbidden xep0012-8-no-leak",
    ),
    ("blocked-inbound-passes", "messages of who is blocked arrive", "xep0191-3.3-block-no-delivery"),
    ("blocked-outbound-passes", "stanzas to who is blocked are sent", "xep0191-3.3-block-outbound"),
    ("blocked-domain-ignored", "a blocked domain blocks nobody", "xep0191-6-jid-matching"),
    ("register-field-missing", "the user name is not among the fields", "xep0077-3.1-get-fields"),
    (
        "register-says-registered",
        "who is not registered is told that he is",
        "xep0077-3.1.1-unauthenticated-is-unregistered",
    ),
    ("register-registered-missing", "who is registered is not told so", "xep0077-3.1-get-registered"),
    ("register-password-shown", "the password on file is shown", "xep0077-3.1-get-registered-data"),
    ("register-account-not-made", "a registration leads to no account", "xep0077-3.1-set-success"),
    (
        "register-overwrites-account",
        "a taken name is given away",
        "xep0077-3.1-set-conflict legacy-register-conflict-409",
    ),
    ("register-conflict-not-acceptable", "a taken name is not acceptable", "xep0077-3.1-set-conflict"),
    (
        "register-incomplete-accepted",
        "a registration without password succeeds",
        "xep0077-3.1-set-incomplete",
    ),
    ("register-password-unchanged", "a new password has no effect", "xep0077-3.3-change-password"),
    ("register-remove-ignored", "removal has no effect", "xep0077-3.2-remove-success"),
    (
        "register-remove-keeps-sessions",
        "the sessions of a removed account go on",
        "xep0077-3.2-remove-ends-sessions",
    ),
    (
        "register-remove-keeps-subscriptions",
        "subscriptions of a removed account stay",
        "xep0077-3.2-remove-cancels-subscriptions",
    ),
)
