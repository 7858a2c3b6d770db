"""Faults in what came before XMPP, and in the services of that time: gateways and user directories."""

from harness.faults.fault import table

LEGACY_FAULTS = table(
    ("gateway-without-type", "The gateway's identity has no type", "xep0100-4.1.1-identity"),
    ("gateway-field-missing", "The gateway does not ask for a user name", "xep0100-4.1.1-register-fields"),
    ("gateway-takes-anything", "The gateway registers without a password", "xep0100-4.1.2-register-invalid"),
    (
        "gateway-registered-missing",
        "Who is registered with the gateway is not told so",
        "xep0100-4.2.1-registered",
    ),
    (
        "gateway-does-not-subscribe",
        "The gateway does not ask for the presence of who registers",
        "xep0100-4.1.1-gateway-subscribes",
    ),
    (
        "gateway-does-not-approve",
        "The gateway does not approve who is registered",
        "xep0100-4.1.1-gateway-approves",
    ),
    ("gateway-login-silent", "The gateway does not show itself to who comes", "xep0100-4.4.1-login"),
    ("gateway-logout-silent", "The gateway says nothing to who goes", "xep0100-4.5.1-logout"),
    (
        "gateway-remove-ignored",
        "Who leaves the gateway stays registered",
        "xep0077-3.2-remove-by-bare-jid",
    ),
    (
        "gateway-remove-silent",
        "The gateway keeps subscriptions to who has left it",
        "xep0100-4.3.1-remove-cancels",
        "xep0100-4.3.1-remove-unavailable",
    ),
    (
        "gateway-messages-vanish",
        "Messages through the gateway vanish",
        "xep0100-4.8.2-error-registration-required",
        "xep0100-4.8.2-error-item-not-found",
    ),
    ("gateway-without-prompt", "The gateway does not say what to ask for", "xep0100-6.3-prompt"),
    (
        "gateway-jid-without-domain",
        "The gateway gives a name back in place of an address",
        "xep0100-6.3-jid",
        "legacy-iq-gateway",
    ),
    (
        "gateway-jid-as-prompt",
        "The gateway gives an address back as a prompt",
        "xep0100-6.3-jid",
        "legacy-iq-gateway",
    ),
    (
        "search-without-fields",
        "The directory does not say what one can search for",
        "xep0055-2.1-fields",
        "legacy-search-get",
    ),
    ("search-field-made-up", "The directory has a field of its own", "xep0055-3-no-new-fields"),
    (
        "search-item-without-jid",
        "What the directory finds has no address",
        "xep0055-8-item-jid",
        "legacy-search-set",
    ),
    (
        "search-without-match-refused",
        "A search that finds nothing is refused",
        "xep0055-2.1-no-match",
        "legacy-search-none",
    ),
    (
        "register-key-refused",
        "A registration that brings its key back is refused",
        "legacy-register-key",
        "legacy-register-set",
    ),
    ("register-key-unchecked", "Any key will do", "legacy-register-key-wrong"),
    (
        "event-without-id",
        "The event of a stored message does not say which message it was",
        "legacy-x-event-offline",
    ),
    ("event-from-server", "The event of a stored message comes from the server", "legacy-x-event-offline"),
    ("event-wish-kept", "A wish for the event of storing is handed on", "legacy-x-event-offline-removed"),
    ("legacy-delay-without-stamp", "The old stamp of a delay has no time", "legacy-delay-stamp"),
    ("legacy-delay-without-from", "The old stamp of a delay says not whose it is", "legacy-delay-from"),
    ("legacy-delay-modern", "The old stamp of a delay has the new form", "legacy-delay-stamp-format"),
    ("legacy-time-without-utc", "The old time leaves the time out", "legacy-time-utc"),
    ("last-since-1970", "Last activity is counted from 1970", "xep0012-3-offline-seconds"),
    (
        "last-of-who-is-there",
        "Who is there is said to have been gone a second ago",
        "xep0012-3-online-zero",
    ),
    (
        "client-probe-unanswered",
        "What a client probes for is passed over",
        "rfc6121-4.3-client-probe-processed",
    ),
    (
        "client-probe-delivered",
        "What a client probes for reaches the contact",
        "rfc6121-4.3-client-probe-processed",
    ),
    ("browse-room-without-jid", "A room that is browsed has no address", "legacy-browse-jid"),
    ("browse-user-without-jid", "An occupant that is browsed has no address", "legacy-browse-jid"),
    ("conference-nick-not-asked", "The old protocol does not ask for a nickname", "legacy-conference-get"),
    (
        "conference-first-nick-only",
        "The old protocol tries the first nickname only",
        "legacy-conference-nick-alternatives",
    ),
)
