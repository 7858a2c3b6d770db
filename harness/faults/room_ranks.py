"""Faults in what moderators, admins and owners of rooms do, and in what others may not."""

from harness.faults.fault import table

#: Those of roles and affiliations, and of their lists.
_RANKS = table(
    (
        "muc-owner-may-be-silenced",
        "Voice is taken even from owners and admins",
        "xep0045-8.4-revoke-voice-higher",
        "xep0045-5.1.1-voice-of-admin-kept",
    ),
    (
        "muc-owner-may-be-degraded",
        "Admins make participants of owners and of other admins",
        "xep0045-9.7-revoke-moderator-higher",
    ),
    (
        "muc-moderator-shown-as-participant",
        "Presence shows moderators as participants",
        "xep0045-5.1-role-moderator-participant",
        "xep0045-9.6-grant-moderator",
        "xep0045-10.2-config-admin-change",
    ),
    (
        "muc-only-first-item-counts",
        "Of a list of changes only the first is carried out",
        "xep0045-8.5-voice-list-change",
        "xep0045-9.2-ban-list-change",
        "xep0045-9.5-member-list-change",
        "xep0045-9.8-moderator-list-change",
        "xep0045-10.8-admin-list-change",
    ),
    (
        "muc-list-applied-in-part",
        "What comes before a forbidden change in a list is carried out",
        "xep0045-9.2-ban-list-atomic",
    ),
    (
        "muc-role-lists-for-admins-only",
        "Moderators who are no admins get no list of participants",
        "xep0045-8.5-voice-list",
    ),
    (
        "muc-role-list-empty",
        "Lists of roles are empty",
        "xep0045-8.5-voice-list",
        "xep0045-9.8-moderator-list",
        "xep0045-17.4-role-list-attributes",
    ),
    ("muc-role-list-bare-jid", "Lists of roles have bare JIDs", "xep0045-17.4-role-list-attributes"),
    (
        "muc-voice-request-lost",
        "Nobody is told of requests for voice",
        "xep0045-8.6-voice-request-forwarded",
        "xep0045-8.6-voice-approval",
    ),
    ("muc-voice-approval-ignored", "Who approves of a voice gives none", "xep0045-8.6-voice-approval"),
    (
        "muc-subject-with-body-taken",
        "A subject with a body becomes the subject of the room",
        "xep0045-8.1-subject-with-body",
    ),
    (
        "muc-admin-bans-owner",
        "Admins ban owners and other admins",
        "xep0045-9.1-ban-higher",
        "xep0045-5.2.2-admin-ban-admin",
        "xep0045-9.2-ban-list-prohibited",
    ),
    ("muc-self-ban-accepted", "Somebody bans himself", "xep0045-9.1-ban-self"),
    (
        "muc-ban-keeps-nickname",
        "The nickname of who is banned stays reserved",
        "xep0045-9.1-ban-nick-unreserved",
    ),
    (
        "muc-lost-member-without-321",
        "Who loses membership of a members-only room goes without a reason",
        "xep0045-9.4-revoke-membership-321",
    ),
    (
        "muc-lost-member-shown-first",
        "Who loses membership of a members-only room is shown in it once more",
        "xep0045-9.4-revoke-membership-single",
    ),
    (
        "muc-invite-by-anybody",
        "Members invite where only admins may",
        "xep0045-9.5-invite-by-member-forbidden",
    ),
    (
        "muc-invite-makes-member",
        "Who is invited to an open room is a member",
        "xep0045-9.5-invite-open-room",
    ),
    (
        "muc-owner-removal-misnamed",
        "An owner who may not remove another is told that it is not allowed",
        "xep0045-10.4-revoke-owner-unsupported",
        "xep0045-10.4-revoke-owner",
    ),
)

#: Those of the making, configuration and end of rooms.
_ROOMS = table(
    (
        "muc-creation-refusal-misnamed",
        "Who may not create a room is told that it is forbidden",
        "xep0045-10.1.1-create-restricted",
    ),
    (
        "muc-bad-configuration-misnamed",
        "A configuration that cannot be is a bad request",
        "xep0045-10.1.3-config-not-acceptable",
    ),
    (
        "muc-cancelled-room-stays",
        "Who cancels the first configuration keeps the room",
        "xep0045-10.1.3-config-cancel-destroys",
    ),
    (
        "muc-given-up-room-stays",
        "A room stays when its owner has gone without configuring it",
        "xep0045-10.1.3-owner-gone-destroys",
    ),
    (
        "muc-cancel-takes-the-form",
        "What comes with a cancellation is taken over",
        "xep0045-10.2-config-cancel-keeps",
    ),
)

RANK_FAULTS = {**_RANKS, **_ROOMS}
