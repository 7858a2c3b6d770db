"""Faults in rosters, subscriptions and presence."""

from harness.faults.fault import table

ROSTER_FAULTS = table(
    ("forged-push-accepted", "A roster push counts whoever sends it", "rfc6121-2.1.6-push-from-check"),
    ("forged-push-answered", "A roster push of somebody else gets a result", "rfc6121-2.1.6-push-from-check"),
    ("push-unanswered", "Roster pushes get no answer", "rfc6121-2.1.6-push-answered"),
    ("push-answered-by-error", "Roster pushes are refused", "rfc6121-roster-push"),
    ("push-ignored", "Roster pushes change nothing", "rfc6121-roster-push"),
    ("push-with-many-items-taken", "All items of a roster push with several count", "rfc6120-stanza-error"),
    (
        "push-version-forgotten",
        "The version of a roster push is not remembered",
        "rfc6121-2.6.3-ver-last-push",
    ),
    ("removal-misunderstood", "A removed contact stays", "rfc6121-roster-push"),
    ("unasked-roster-taken", "A roster counts that was not asked for", "rfc6121-roster-get"),
    (
        "unknown-subscription-told",
        "An unknown subscription is passed on",
        "rfc6121-2.1.2.5-unknown-subscription-in-result",
        "rfc6121-2.1.2.5-unknown-subscription-in-push",
    ),
    ("roster-get-with-item", "The request for the roster has an item", "rfc6121-2.1.3-get-has-no-items"),
    ("roster-get-to-server", "The request for the roster has a to", "rfc6120-8.1.1.1-no-to-for-own-server"),
    (
        "version-sent-unasked",
        "A roster version is sent to a server that knows none",
        "rfc6121-2.6.2-ver-not-sent",
    ),
    (
        "roster-version-made-up",
        "The roster version that is sent is made up",
        "rfc6121-2.6.2-ver-bootstrap",
        "rfc6121-2.1.1-ver-server-generated",
    ),
    ("roster-set-with-ask", "A roster set has ask", "rfc6121-2.1.2.2-ask-not-in-set"),
    ("roster-set-with-approved", "A roster set has approved", "rfc6121-2.1.2.1-approved-not-in-set"),
    ("roster-set-with-two-items", "A roster set has two items", "rfc6121-2.1.5-set-one-item"),
    (
        "subscription-accepted-by-itself",
        "Subscription requests are granted without asking the user",
        "rfc6121-3.1.4-request-shown",
    ),
    (
        "subscription-request-hidden",
        "Subscription requests are not shown to the user",
        "rfc6121-3.1.4-request-shown",
        "rfc6121-presence-sub-request",
    ),
    ("subscription-to-full-jid", "Subscription requests go to full JIDs", "rfc6121-3.1.1-subscribe-to-bare"),
    ("subscription-without-id", "Subscription requests have no id", "rfc6121-3.1.1-subscribe-id"),
    ("presence-answered-by-error", "Presence is answered by an error", "rfc6120-stanza-kind-presence"),
    ("presence-error-answered", "An error of presence is answered by an error", "rfc6120-stanza-error-reply"),
    ("probes-sent", "The client sends probes", "rfc6121-4.3-client-no-probe"),
    (
        "presence-with-to",
        "Initial presence has a to",
        "rfc6121-4.2.1-initial-presence-form",
        "rfc6120-8.2.2-presence-without-to",
    ),
    ("show-made-up", "The show is none that there is", "rfc6121-4.7.2.1-show-values"),
    ("unknown-show-told", "A show that there is not is passed on", "rfc6120-11.4-schema-violations-ignored"),
    ("priority-out-of-range", "The priority is out of range", "rfc6121-4.7.2.3-priority-range"),
    (
        "unavailable-with-show",
        "Unavailable presence has a show",
        "rfc6121-4.5.1-unavailable-no-show-priority",
    ),
    (
        "leaves-without-unavailable",
        "The client goes without saying that it is unavailable",
        "rfc6121-4.5.1-unavailable-on-exit",
    ),
)
