"""Faults in rosters, subscriptions and presence."""

from harness.reference.faults import table

PRESENCE_FAULTS = table(
    (
        "roster-get-incomplete",
        "the last contact is missing from the roster",
        "rfc6121-2-roster-stored-unmodified",
    ),
    ("empty-roster-refused", "an empty roster is item-not-found", "rfc6121-2.1.4-empty-roster-result"),
    (
        "roster-changes-forgotten",
        "who was away is not told what changed",
        "rfc6121-2.6.3-ver-interim-pushes",
    ),
    (
        "roster-version-missing",
        "a whole roster has no version",
        "rfc6121-2.6.3-ver-full-or-empty rfc6121-roster-version",
    ),
    (
        "private-requests-open",
        "anybody reads and changes what belongs to an account",
        "rfc6121-2.3.3-set-other-account rfc6121-2-roster-access-restricted",
    ),
    ("roster-name-lost", "contacts come back without their name", "rfc6121-2.1.2.4-name-opaque"),
    ("roster-one-group", "contacts come back with one group only", "rfc6121-2.1.2.6-several-groups"),
    (
        "roster-ask-missing",
        "a pending request does not show",
        "rfc6121-3.1.2-subscribe-push-pending rfc6121-2.1.2.2-ask-sent",
    ),
    (
        "roster-push-missing",
        "there are no roster pushes",
        "rfc6121-roster-push rfc6121-2.3.2-add-push-all rfc6121-2.5.2-remove-result-and-push",
    ),
    (
        "roster-push-to-one-resource",
        "only one interested resource gets pushes",
        "rfc6121-2.3.2-add-push-all rfc6121-2.2-push-to-interested",
    ),
    (
        "roster-push-needs-presence",
        "who asked for the roster without sending presence gets no pushes",
        "rfc6121-2.2-push-to-interested",
    ),
    ("roster-push-whole-roster", "a push holds the whole roster", "rfc6121-2.1.6-push-one-item"),
    ("roster-push-without-id", "a push has no id", "rfc6120-stanza-iq-id"),
    ("roster-push-from-stranger", "a push comes from another account", "rfc6120-8.1.2.1-account-from"),
    ("roster-version-stuck", "every change has the same version", "rfc6121-2.6.3-ver-push-order"),
    ("roster-set-two-items-accepted", "a set with two items is carried out", "rfc6121-2.3.3-set-two-items"),
    ("roster-duplicate-groups-accepted", "a group may be named twice", "rfc6121-2.3.3-set-duplicate-groups"),
    ("roster-empty-group-accepted", "a group may have an empty name", "rfc6121-2.3.3-set-empty-group"),
    ("roster-update-adds-groups", "an update adds its groups to the old ones", "rfc6121-2.4.1-update-atomic"),
    (
        "roster-set-changes-subscription",
        "a client may set its subscription itself",
        "rfc6121-2.1.2.5-subscription-in-set-ignored rfc6121-2.4.2-update-keeps-subscription",
    ),
    ("roster-remove-unknown-accepted", "removing who is not there succeeds", "rfc6121-2.5.3-remove-unknown"),
    (
        "removal-keeps-subscription",
        "a removed contact keeps its subscription",
        "rfc6121-2.5.2-remove-sends-unsubscribe rfc6121-2.5.2-remove-sends-unsubscribed",
    ),
    (
        "subscription-from-full-jid",
        "subscription stanzas come from the full JID",
        "rfc6121-3-sub-bare-jid-stamp rfc6121-3.2.2-cancel-stamped",
    ),
    (
        "subscription-request-lost",
        "a request never arrives",
        "rfc6121-3.1.3-request-delivered rfc6121-presence-sub-request",
    ),
    (
        "pending-request-not-redelivered",
        "an unanswered request is not delivered again",
        "rfc6121-3.1.3-request-redelivered rfc6121-3.1.3-request-stored-offline",
    ),
    ("subscription-auto-approved", "requests are approved without asking", "rfc6121-3.1.3-no-auto-approve"),
    (
        "subscription-push-missing",
        "subscription changes are not pushed",
        "rfc6121-3.1.2-subscribe-push-pending rfc6121-3.1.5-approval-push rfc6121-3.1.6-approval-push-to",
    ),
    (
        "subscription-always-delivered",
        "subscription stanzas that change nothing are delivered",
        "rfc6121-3.1.6-approval-unexpected-ignored",
    ),
    (
        "subscription-to-resource-refused",
        "a request to a full JID is refused",
        "rfc6121-3.1.2-subscribe-full-jid-trimmed",
    ),
    (
        "approval-after-push",
        "the roster changes before the approval arrives",
        "rfc6121-3.1.6-approval-delivered-before-push",
    ),
    (
        "pre-approval-ignored",
        "approval in advance has no effect",
        "rfc6121-3.4.2-preapproval-creates-item rfc6121-3.4.2-preapproval-auto-reply",
    ),
    ("approval-wrong-state", "an approval makes the subscription mutual", "rfc6121-3.1.5-approval-push"),
    ("approval-without-presence", "no presence follows an approval", "rfc6121-3.1.5-approval-sends-presence"),
    (
        "cancel-without-unavailable",
        "a cancelled subscriber gets no unavailable",
        "rfc6121-3.2.2-cancel-unavailable-first",
    ),
    (
        "unsubscribe-without-unavailable",
        "who unsubscribes gets no unavailable",
        "rfc6121-3.3.3-unsubscribe-inbound-unavailable",
    ),
    ("initial-presence-not-broadcast", "contacts miss initial presence", "rfc6121-4.2.2-initial-broadcast"),
    (
        "presence-update-lost",
        "presence updates go to nobody",
        "rfc6121-4.4.2-update-broadcast rfc6121-4.4.2-update-self",
    ),
    (
        "presence-self-missing",
        "own resources miss presence",
        "rfc6121-4.2.2-initial-self rfc6121-4.4.2-update-self",
    ),
    (
        "own-resources-not-shown",
        "a new resource does not learn of the others",
        "rfc6121-4.2.2-other-own-resources",
    ),
    ("contacts-not-probed", "a new resource does not learn of its contacts", "rfc6121-4.2.2-initial-probes"),
    ("presence-to-one-resource", "presence reaches one resource only", "rfc6121-8.5.2.1.2-bare-presence-all"),
    (
        "presence-to-rewritten",
        "presence to a bare JID arrives with a full to",
        "rfc6121-8.5.2.1.2-bare-presence-to-not-rewritten",
    ),
    (
        "presence-to-nobody-refused",
        "presence for an account that does not exist is refused",
        "rfc6121-8.5.1-no-user-presence",
    ),
    (
        "unmatched-presence-delivered",
        "presence for a resource that is not there goes to the others",
        "rfc6121-8.5.3.2.2-nomatch-presence",
    ),
    (
        "presence-to-all-contacts",
        "contacts without subscription get presence",
        "rfc6121-11-availability-no-leak",
    ),
    (
        "presence-extensions-dropped",
        "extensions of presence are taken out",
        "rfc6121-4.7.3-presence-extensions",
    ),
    (
        "presence-unknown-type-accepted",
        "an unknown type of presence counts as available",
        "rfc6121-4.7.1-presence-bad-type",
    ),
    ("priority-ignored", "every resource has the priority 0", "rfc6121-8.5.2.1.1-bare-negative-never"),
    (
        "probe-answered-to-strangers",
        "a probe by anybody is answered with presence",
        "rfc6121-11-probe-no-leak",
    ),
    (
        "disconnect-not-broadcast",
        "who disconnects stays available to others",
        "rfc6121-4.5.2-unavailable-ungraceful",
    ),
    ("unavailable-stripped", "unavailable presence loses its content", "rfc6121-4.5.2-unavailable-full-xml"),
    (
        "unavailable-not-to-own-resources",
        "own resources miss unavailable presence",
        "rfc6121-4.5.2-unavailable-self",
    ),
    (
        "directed-presence-lost",
        "directed presence is not delivered",
        "rfc6121-4.6.3-directed-to-stranger rfc6121-4.6.3-directed-to-subscriber",
    ),
    (
        "directed-gets-broadcasts",
        "who got directed presence gets later broadcasts",
        "rfc6121-4.6.3-directed-not-broadcast",
    ),
    (
        "directed-unavailable-missing",
        "who got directed presence misses the end",
        "rfc6121-4.6.3-directed-unavailable-on-exit",
    ),
)
