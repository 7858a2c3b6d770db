"""Faults in rosters, subscriptions and presence."""

from collections.abc import Mapping

from harness.faults.fault import Fault, table
from harness.tables.subscription_states import TYPES, State, inbound_requirement, requirement

PRESENCE_FAULTS = table(
    (
        "roster-get-incomplete",
        "The last contact is missing from the roster",
        "rfc6121-2-roster-stored-unmodified",
    ),
    ("empty-roster-refused", "An empty roster is item-not-found", "rfc6121-2.1.4-empty-roster-result"),
    ("roster-changes-forgotten", "Who was away is not told what changed", "rfc6121-2.6.3-ver-interim-pushes"),
    (
        "roster-version-missing",
        "A whole roster has no version",
        "rfc6121-2.6.3-ver-full-or-empty",
        "rfc6121-2.6.3-ver-always-included",
        "rfc6121-roster-version",
    ),
    (
        "private-requests-open",
        "Anybody reads and changes what belongs to an account",
        "rfc6121-2.3.3-set-other-account",
        "rfc6121-2-roster-access-restricted",
        "xep0313-8.1-foreign-archive",
    ),
    ("roster-name-lost", "Contacts come back without their name", "rfc6121-2.1.2.4-name-opaque"),
    ("roster-one-group", "Contacts come back with one group only", "rfc6121-2.1.2.6-several-groups"),
    (
        "roster-ask-missing",
        "A pending request does not show",
        "rfc6121-3.1.2-subscribe-push-pending",
        "rfc6121-2.1.2.2-ask-sent",
    ),
    (
        "approval-ahead-not-shown",
        "A contact that is approved ahead of its request is not marked",
        "rfc6121-2.1.2.1-approved-sent",
    ),
    ("roster-long-name-cut", "A name that is too long is cut", "rfc6121-2.3.3-set-long-name"),
    ("roster-long-group-cut", "The name of a group that is too long is cut", "rfc6121-2.3.3-set-long-group"),
    ("roster-ask-taken", "A client may claim in a set that a request is pending", "rfc6121-2.1.2.2-ask-sent"),
    (
        "roster-update-ends-subscription",
        "Who is given another name is subscribed to no more",
        "rfc6121-2.4.2-update-keeps-subscription",
    ),
    ("roster-capitals-kept", "Capitals in an address make another contact", "rfc7622-3.3-local-case"),
    ("roster-push-id-repeated", "All pushes have the same id", "rfc6120-stanza-iq-id"),
    (
        "roster-push-missing",
        "There are no roster pushes",
        "rfc6121-roster-push",
        "rfc6121-2.3.2-add-push-all",
        "rfc6121-2.4.2-update-result-and-push",
        "rfc6121-2.5.2-remove-result-and-push",
    ),
    (
        "roster-push-to-one-resource",
        "Only one interested resource gets pushes",
        "rfc6121-2.3.2-add-push-all",
        "rfc6121-2.2-push-to-interested",
        "rfc6121-2.4.2-update-result-and-push",
        "rfc6121-2.5.2-remove-result-and-push",
    ),
    (
        "roster-push-needs-presence",
        "Who asked for the roster without sending presence gets no pushes",
        "rfc6121-2.2-push-to-interested",
    ),
    ("roster-push-whole-roster", "A push holds the whole roster", "rfc6121-2.1.6-push-one-item"),
    ("roster-push-without-id", "A push has no id", "rfc6120-stanza-iq-id"),
    ("roster-push-from-stranger", "A push comes from another account", "rfc6120-8.1.2.1-account-from"),
    (
        "roster-version-stuck",
        "Every change has the same version",
        "rfc6121-2.6.3-ver-push-order",
        "rfc6121-2.6.3-ver-in-push",
    ),
    ("roster-set-two-items-accepted", "A set with two items is carried out", "rfc6121-2.3.3-set-two-items"),
    ("roster-duplicate-groups-accepted", "A group may be named twice", "rfc6121-2.3.3-set-duplicate-groups"),
    ("roster-empty-group-accepted", "A group may have an empty name", "rfc6121-2.3.3-set-empty-group"),
    ("roster-update-adds-groups", "An update adds its groups to the old ones", "rfc6121-2.4.1-update-atomic"),
    (
        "roster-set-changes-subscription",
        "A client may set its subscription itself",
        "rfc6121-2.1.2.5-subscription-in-set-ignored",
        "rfc6121-2.4.2-update-keeps-subscription",
    ),
    ("roster-remove-unknown-accepted", "Removing who is not there succeeds", "rfc6121-2.5.3-remove-unknown"),
    (
        "removal-keeps-subscription",
        "A removed contact keeps its subscription",
        "rfc6121-2.5.2-remove-sends-unsubscribe",
        "rfc6121-2.5.2-remove-sends-unsubscribed",
        "rfc6121-2.5.2-remove-mutual-sends-both",
    ),
    (
        "removal-without-unavailable",
        "A subscriber that is removed does not see the user go",
        "rfc6121-2.5.2-remove-sends-unavailable",
    ),
    (
        "subscription-from-full-jid",
        "Subscription stanzas come from the full JID",
        "rfc6121-3-sub-bare-jid-stamp",
        "rfc6121-3.2.2-cancel-stamped",
        "rfc6120-8.1.2.1-from-bare-for-subscription",
        "rfc6121-3.1.5-approval-stamped-routed",
        "rfc6121-3.3.2-unsubscribe-stamped-routed",
    ),
    (
        "subscription-request-lost",
        "A request never arrives",
        "rfc6121-3.1.3-request-delivered",
        "rfc6121-presence-sub-request",
    ),
    (
        "pending-request-not-redelivered",
        "An unanswered request is not delivered again",
        "rfc6121-3.1.3-request-redelivered",
        "rfc6121-3.1.3-request-stored-offline",
    ),
    ("subscription-auto-approved", "Requests are approved without asking", "rfc6121-3.1.3-no-auto-approve"),
    (
        "subscription-push-missing",
        "Subscription changes are not pushed",
        "rfc6121-3.1.2-subscribe-push-pending",
        "rfc6121-3.1.5-approval-push",
        "rfc6121-3.1.6-approval-push-to",
    ),
    (
        "subscription-always-delivered",
        "Subscription stanzas that change nothing are delivered",
        "rfc6121-3.1.6-approval-unexpected-ignored",
        "rfc6121-3.2.3-cancel-inbound-unexpected",
        "rfc6121-3.3.3-unsubscribe-unexpected",
        "rfc6121-3.4.2-preapproval-noop",
    ),
    (
        "request-to-nobody-approved",
        "A request to an account that does not exist is approved",
        "rfc6121-8.5.1-no-user-subscription",
    ),
    (
        "pre-approval-not-withdrawn",
        "An approval in advance stays for ever",
        "rfc6121-3.2.2-cancel-preapproval",
    ),
    (
        "cancel-shows-strangers",
        "Whoever is sent unsubscribed gets unavailable presence as well",
        "rfc6121-3.2.2-cancel-no-unavailable",
    ),
    (
        "subscription-to-resource-refused",
        "A request to a full JID is refused",
        "rfc6121-3.1.2-subscribe-full-jid-trimmed",
    ),
    (
        "approval-after-push",
        "The roster changes before the approval arrives",
        "rfc6121-3.1.6-approval-delivered-before-push",
    ),
    (
        "pre-approval-ignored",
        "Approval in advance has no effect",
        "rfc6121-3.4.2-preapproval-creates-item",
        "rfc6121-3.4.2-preapproval-marks-item",
        "rfc6121-3.4.2-preapproval-auto-reply",
    ),
    (
        "approval-wrong-state",
        "An approval makes the subscription mutual",
        "rfc6121-3.1.5-approval-push",
        "rfc6121-presence-sub-approval",
    ),
    (
        "approval-without-presence",
        "No presence follows an approval",
        "rfc6121-3.1.5-approval-sends-presence",
        "rfc6121-3.1.6-approval-presence-delivered",
    ),
    (
        "cancel-without-unavailable",
        "A cancelled subscriber gets no unavailable",
        "rfc6121-3.2.2-cancel-unavailable-first",
        "rfc6121-3.2.3-cancel-inbound-unavailable",
    ),
    (
        "unsubscribe-without-unavailable",
        "Who unsubscribes gets no unavailable",
        "rfc6121-3.3.3-unsubscribe-inbound-unavailable",
    ),
    (
        "initial-presence-not-broadcast",
        "Contacts miss initial presence",
        "rfc6121-4.2.2-initial-broadcast",
        "rfc6121-4.5.2-available-again",
    ),
    (
        "presence-update-lost",
        "Presence updates go to nobody",
        "rfc6121-4.4.2-update-broadcast",
        "rfc6120-10.3.2-presence-no-to",
        "rfc6121-4.4.2-update-self",
    ),
    (
        "presence-self-missing",
        "Own resources miss presence",
        "rfc6121-4.2.2-initial-self",
        "rfc6121-4.4.2-update-self",
    ),
    (
        "own-resources-not-shown",
        "A new resource does not learn of the others",
        "rfc6121-4.2.2-other-own-resources",
    ),
    (
        "contacts-not-probed",
        "A new resource does not learn of its contacts",
        "rfc6121-4.2.2-initial-probes",
        "rfc6121-presence-probe",
        "rfc6121-4.3.2-probe-available",
    ),
    (
        "presence-to-one-resource",
        "Presence reaches one resource only",
        "rfc6121-8.5.2.1.2-bare-presence-all",
        "rfc6121-4.2.3-initial-inbound",
        "rfc6121-4.4.3-update-inbound",
        "rfc6121-4.5.3-unavailable-inbound",
    ),
    ("available-has-a-type", "Who is there is said to be available by a type", "rfc6121-presence-notype"),
    ("presence-to-uri", "Presence is addressed to a URI", "rfc6121-9-no-uri-scheme"),
    (
        "presence-error-empty",
        "An error in answer to presence says nothing at all",
        "rfc6121-4.7.1-presence-error-child",
    ),
    (
        "presence-to-rewritten",
        "Presence to a bare JID arrives with a full to",
        "rfc6121-8.5.2.1.2-bare-presence-to-not-rewritten",
    ),
    (
        "presence-to-nobody-refused",
        "Presence for an account that does not exist is refused",
        "rfc6121-8.5.1-no-user-presence",
    ),
    (
        "unmatched-presence-delivered",
        "Presence for a resource that is not there goes to the others",
        "rfc6121-8.5.3.2.2-nomatch-presence",
    ),
    (
        "presence-to-all-contacts",
        "Contacts without subscription get presence",
        "rfc6121-11-availability-no-leak",
    ),
    (
        "presence-extensions-dropped",
        "Extensions of presence are taken out",
        "rfc6121-4.7.3-presence-extensions",
    ),
    (
        "presence-unknown-type-accepted",
        "An unknown type of presence counts as available",
        "rfc6121-4.7.1-presence-bad-type",
    ),
    ("no-priority-is-negative", "Without a priority it is -1", "rfc6121-4.7.2.3-priority-default"),
    (
        "priority-hidden",
        "Contacts are not shown the priority that the user sees",
        "rfc6121-4.7.2.3-priority-override-echoed",
    ),
    ("priority-ignored", "Every resource has the priority 0", "rfc6121-8.5.2.1.1-bare-negative-never"),
    (
        "probe-answered-to-strangers",
        "A probe by anybody is answered with presence",
        "rfc6121-11-probe-no-leak",
    ),
    (
        "probe-of-one-shows-all",
        "A probe of one resource tells of all",
        "rfc6121-4.3.2-probe-full-jid",
    ),
    (
        "probe-of-one-unanswered",
        "A probe of one resource has no answer",
        "rfc6121-4.3.2-probe-full-jid-available",
        "rfc6121-4.3-client-probe-processed",
    ),
    (
        "probe-ends-pre-approval",
        "A probe ends an approval in advance",
        "rfc6121-4.3.2-probe-keeps-preapproval",
    ),
    (
        "probe-of-nobody-answered",
        "An account that does not exist is told to be unavailable",
        "rfc6121-8.5.1-no-user-probe",
    ),
    (
        "disconnect-not-broadcast",
        "Who disconnects stays available to others",
        "rfc6121-4.5.2-unavailable-ungraceful",
    ),
    ("unavailable-stripped", "Unavailable presence loses its content", "rfc6121-4.5.2-unavailable-full-xml"),
    (
        "unavailable-not-to-own-resources",
        "Own resources miss unavailable presence",
        "rfc6121-4.5.2-unavailable-self",
        "rfc6121-presence-unavailable",
    ),
    (
        "directed-presence-lost",
        "Directed presence is not delivered",
        "rfc6121-4.6.3-directed-to-stranger",
        "rfc6121-4.6.3-directed-to-subscriber",
        "rfc6120-stanza-kind-presence",
        "rfc6121-8.5.3.1-match-presence",
        "rfc6121-4.6.3-directed-without-initial",
    ),
    (
        "directed-presence-not-ended",
        "Who got directed presence and its end is told of the end again",
        "rfc6121-4.6.1-directed-cleared",
    ),
    (
        "directed-outweighs-subscription",
        "A subscriber that got directed presence gets no broadcasts",
        "rfc6121-4.6.1-subscription-over-directed",
    ),
    (
        "directed-gets-broadcasts",
        "Who got directed presence gets later broadcasts",
        "rfc6121-4.6.3-directed-not-broadcast",
    ),
    (
        "directed-unavailable-missing",
        "Who got directed presence misses the end",
        "rfc6121-4.6.3-directed-unavailable-on-exit",
    ),
)

#: A whole table of RFC 6121, appendix A, each: every row of it leads to another state than it should.
SUBSCRIPTION_FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for type in TYPES
    for fault in (
        Fault(
            name=f"outbound-{type}-wrong-state",
            description=f"Who sends {type} gets into a wrong state, and nobody is told",
            breaks=tuple(requirement(type, state) for state in State),
        ),
        Fault(
            name=f"inbound-{type}-wrong-state",
            description=f"Who is sent {type} gets into a wrong state, and is not told",
            breaks=tuple(inbound_requirement(type, state) for state in State),
        ),
    )
}
