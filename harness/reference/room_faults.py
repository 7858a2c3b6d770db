"""Faults in rooms."""

from harness.reference.faults import table

_JID = "xep0045-7.2.4-semianon-jid-moderators"

ROOM_FAULTS = table(
    ("muc-feature-missing", "the service does not list its feature", "xep0045-6.2-service-identity-features"),
    ("muc-room-features-missing", "a room lists no features", "xep0045-6.4-room-features"),
    ("muc-hidden-room-listed", "hidden rooms are listed", "xep0045-6.3-public-rooms-listed"),
    ("muc-public-room-not-listed", "public rooms are not listed", "xep0045-6.3-public-rooms-listed"),
    (
        "muc-self-presence-first",
        "self-presence comes before the others",
        "xep0045-7.2.2-self-presence-last xep0045-7.1-join-event-order",
    ),
    (
        "muc-self-presence-without-110",
        "self-presence has no 110",
        "xep0045-7.2.2-self-presence-110 xep0045-7.14-exit-self-110",
    ),
    ("muc-occupants-not-shown", "who enters does not see who is there", "xep0045-7.2.2-join-gets-occupants"),
    ("muc-join-not-told", "the others do not see who enters", "xep0045-7.2.2-join-broadcast"),
    ("muc-affiliation-missing", "presence shows no affiliation", "xep0045-5.2-affiliation-in-presence"),
    ("muc-role-missing", "presence shows no role", "xep0045-5.1-role-in-presence"),
    ("muc-jid-shown-to-all", "everybody sees full JIDs", f"{_JID} xep0045-7.2.4-semianon-jid-moderators"),
    ("muc-jid-never-shown", "nobody sees full JIDs", f"{_JID} xep0045-7.2.3-nonanon-full-jid"),
    ("muc-jid-bare", "bare JIDs are shown", "xep0045-17.3-jid-is-full"),
    (
        "muc-non-anonymous-without-100",
        "no 100 on entering a room that shows JIDs",
        "xep0045-7.2.3-nonanon-100",
    ),
    ("muc-new-room-without-201", "no 201 for a new room", "xep0045-10.1.1-create-201"),
    (
        "muc-new-room-unlocked",
        "a new room is open before it is configured",
        "xep0045-10.1.1-create-locked xep0045-7.2.10-locked-room",
    ),
    (
        "muc-room-stays-locked",
        "a configured room stays locked",
        "xep0045-10.1.1-unlock-result xep0045-10.1.2-instant-room",
    ),
    ("muc-password-ignored", "any password will do", "xep0045-7.2.5-password-required"),
    ("muc-members-only-ignored", "a members-only room lets everybody in", "xep0045-7.2.6-members-only"),
    ("muc-banned-admitted", "a banned user gets in", "xep0045-7.2.7-banned"),
    (
        "muc-nick-conflict-accepted",
        "two users share a nickname",
        "xep0045-7.2.8-nick-conflict xep0045-7.6-nick-change-conflict",
    ),
    ("muc-nick-change-without-303", "a change of nickname has no 303", "xep0045-7.6-nick-change-unavailable"),
    (
        "muc-nick-change-without-nick",
        "a change of nickname does not name the new one",
        "xep0045-7.6-nick-change-unavailable",
    ),
    (
        "muc-availability-not-told",
        "the others do not see a change of availability",
        "xep0045-7.7-availability-broadcast",
    ),
    ("muc-join-without-nick-silent", "a join without nickname gets no answer", "xep0045-7.2.1-join-no-nick"),
    ("muc-leave-not-told", "the others do not see who leaves", "xep0045-7.14-exit-broadcast"),
    (
        "muc-forged-x-reflected",
        "muc#user data of an occupant is passed on",
        "xep0045-17.3-client-muc-user-dropped xep0045-7.2.2-single-muc-user-x",
    ),
    ("muc-history-lost", "there is no history", "xep0045-7.1-join-event-order"),
    ("muc-history-without-delay", "history has no delay element", "xep0045-7.2.13-history-delay"),
    (
        "muc-history-limits-ignored",
        "limits on history are ignored",
        "xep0045-7.2.14-history-maxstanzas "
        "xep0045-7.2.14-history-maxchars-0 "
        "xep0045-7.2.14-history-seconds "
        "xep0045-7.2.14-history-since",
    ),
    (
        "muc-subject-before-history",
        "the subject comes before history",
        "xep0045-7.2.13-history-before-subject",
    ),
    (
        "muc-subject-not-sent",
        "who enters gets no subject",
        "xep0045-7.2.15-subject-sent xep0045-7.2.15-subject-empty",
    ),
    ("muc-subject-forgotten", "a subject is not kept", "xep0045-7.2.15-subject-sent"),
    ("muc-subject-by-anybody", "anybody changes the subject", "xep0045-8.1-subject-forbidden"),
    ("muc-message-not-to-sender", "who speaks does not hear it", "xep0045-7.4-groupchat-reflected"),
    ("muc-message-from-real-jid", "messages come from the real JID", "xep0045-7.4-groupchat-reflected"),
    ("muc-message-id-lost", "messages lose their id", "xep0045-7.4-groupchat-id-kept"),
    ("muc-visitor-heard", "visitors speak in a moderated room", "xep0045-7.4-visitor-forbidden"),
    (
        "muc-outsider-heard",
        "who is not in the room speaks",
        "xep0045-17.2-message-by-role-none xep0045-7.4-outsider-not-acceptable",
    ),
    ("muc-private-to-all", "private messages go to everybody", "xep0045-7.5-pm-delivered"),
    ("muc-private-without-x", "private messages are not marked", "xep0045-7.5-pm-x-added"),
    (
        "muc-private-groupchat-accepted",
        "groupchat messages go to one occupant",
        "xep0045-7.5-pm-groupchat-refused",
    ),
    (
        "muc-private-unknown-nick-silent",
        "a private message to nobody gets no error",
        "xep0045-7.5-pm-unknown-nick",
    ),
    ("muc-iq-shows-real-jid", "a forwarded iq shows the real JID", "xep0045-17.4-iq-no-jid-leak"),
    ("muc-invite-lost", "invitations are lost", "xep0045-7.8.2-mediated-invite"),
    ("muc-invite-from-room", "an invitation does not say who invites", "xep0045-7.8.2-mediated-invite"),
    ("muc-invite-without-reason", "an invitation loses its reason", "xep0045-7.8.2-mediated-invite"),
    (
        "muc-invite-without-password",
        "an invitation has no password",
        "xep0045-7.8.2-mediated-invite-password",
    ),
    ("muc-decline-lost", "refusals of invitations are lost", "xep0045-7.8.2-decline-forwarded"),
    ("muc-kick-without-307", "a kick has no 307", "xep0045-8.2-kick-307 xep0045-8.2-kick-broadcast"),
    ("muc-kick-by-anybody", "participants kick", "xep0045-8-moderator-only"),
    (
        "muc-owner-may-be-kicked",
        "who stands higher may be kicked",
        "xep0045-8.2-kick-higher xep0045-5.1.1-voice-of-admin-kept",
    ),
    (
        "muc-role-change-not-told",
        "a change of role is not shown",
        "xep0045-8.3-grant-voice xep0045-5.1.3-role-change-broadcast",
    ),
    ("muc-ban-without-301", "a ban has no 301", "xep0045-9.1-ban-301 xep0045-9.1-ban-broadcast"),
    ("muc-ban-forgotten", "a ban is not kept", "xep0045-9.1-ban-result xep0045-7.2.7-banned"),
    ("muc-ban-by-anybody", "anybody changes affiliations", "xep0045-9-admin-only"),
    (
        "muc-affiliation-change-not-told",
        "a change of affiliation is not shown",
        "xep0045-9.3-grant-membership xep0045-5.2.2-affiliation-change-broadcast",
    ),
    (
        "muc-admin-makes-owners",
        "admins make owners",
        "xep0045-10.3-grant-owner-forbidden xep0045-10.6-grant-admin-forbidden",
    ),
    (
        "muc-last-owner-may-go",
        "the last owner may resign",
        "xep0045-10-one-owner xep0045-10.4-revoke-owner-last",
    ),
    (
        "muc-lists-open",
        "anybody reads the lists of affiliations",
        "xep0045-9-admin-only xep0045-10.5-owner-list-forbidden",
    ),
    (
        "muc-list-empty",
        "lists of affiliations are empty",
        "xep0045-9.5-member-list-items xep0045-9.2-ban-list",
    ),
    ("muc-configuration-shown-to-all", "anybody gets the configuration", "xep0045-10.2-config-forbidden"),
    (
        "muc-configuration-form-empty",
        "the configuration form has no FORM_TYPE and no fields",
        "xep0045-10.2-config-form",
    ),
    ("muc-configuration-ignored", "a submitted configuration has no effect", "xep0045-10.2-config-form"),
    (
        "muc-configuration-change-not-told",
        "changes of the configuration are not told",
        "xep0045-10.2.1-config-privacy-notice xep0045-10.2.1-config-104",
    ),
    (
        "muc-members-only-keeps-strangers",
        "who is no member stays in a room that becomes members-only",
        "xep0045-10.2-config-members-only-322",
    ),
    ("muc-destroyed-by-anybody", "anybody destroys a room", "xep0045-10.9-destroy-forbidden"),
    ("muc-destroy-without-element", "the end of a room is not explained", "xep0045-10.9-destroy-presence"),
    (
        "muc-old-client-ignored",
        "who does not say that it knows of rooms is neither let in nor turned away",
        "legacy-gc1-join legacy-gc1-kick",
    ),
)
