"""Faults in rooms that occupants notice: at the entrance, in what is told and kept, in who is who."""

from harness.faults.fault import table

OCCUPANCY_FAULTS = table(
    # --- what is asked from outside
    (
        "muc-stranger-asks-occupants",
        "Who is outside learns that it may not ask occupants, but not as it should",
        "xep0045-6.6-disco-occupant-by-outsider",
    ),
    (
        "muc-room-items-refused",
        "A room does not answer what it has",
        "xep0045-6-disco-supported",
        "xep0045-6.5-room-items-private",
    ),
    (
        "muc-traffic-node-bad-request",
        "A question about the traffic is a bad request",
        "xep0045-18.1.1-traffic-node",
    ),
    # --- who stands how
    (
        "muc-owner-shown-as-admin",
        "Presence shows owners as admins",
        "xep0045-5.2-affiliation-owner",
        "xep0045-5.2-affiliation-in-presence",
    ),
    (
        "muc-participants-shown-as-visitors",
        "Presence shows participants as visitors",
        "xep0045-5.1-role-moderator-participant",
        "xep0045-5.1-role-in-presence",
    ),
    ("muc-admins-ban-admins", "Admins ban each other", "xep0045-5.2.2-admin-ban-admin"),
    (
        "muc-role-with-affiliation-taken",
        "An item with role and affiliation is carried out by half",
        "xep0045-17.4-admin-role-and-affiliation",
    ),
    (
        "muc-role-list-without-nicknames",
        "Lists of roles have no nicknames",
        "xep0045-17.4-role-list-attributes",
    ),
    (
        "muc-affiliation-list-with-roles",
        "Lists of affiliations have roles",
        "xep0045-17.4-affiliation-list-no-role",
    ),
    (
        "muc-absent-told-without-code",
        "Who is absent is told of an affiliation without a code",
        "xep0045-18.1-absent-affiliation-message",
    ),
    # --- coming and going
    (
        "muc-occupants-under-real-addresses",
        "Who enters sees the others under their own addresses",
        "xep0045-7.2.2-join-presence-addresses",
    ),
    (
        "muc-entering-again-ignored",
        "Who enters again is told nothing of the others",
        "xep0045-17.3-rejoin-full-sync",
    ),
    ("muc-probe-enters", "A probe lets somebody in", "xep0045-17.3-typed-presence-no-join"),
    ("muc-probe-leaves", "A probe takes somebody out", "xep0045-17.3-only-unavailable-exits"),
    (
        "muc-outsider-leaving-refused",
        "Who leaves from outside gets an error",
        "xep0045-17.3-unavailable-by-outsider",
    ),
    (
        "muc-role-of-the-entry-shown",
        "Later presence shows the role of the entry",
        "xep0045-17.3-revoked-status-in-later-presence",
    ),
    ("muc-full-room-refuses-wrongly", "A full room is told of wrongly", "xep0045-7.2.9-max-users"),
    ("muc-full-for-owners-too", "A full room keeps owners out", "xep0045-7.2.9-max-users-admin"),
    ("muc-logged-without-170", "No 170 on entering a logged room", "xep0045-7.2.12-logging-170"),
    (
        "muc-change-of-logging-not-told",
        "Occupants do not learn of a log",
        "xep0045-status-170",
        "xep0045-status-171",
    ),
    (
        "muc-change-of-visibility-not-told",
        "Occupants do not learn who sees their addresses",
        "xep0045-status-172",
        "xep0045-status-173",
    ),
    (
        "muc-kick-without-codes",
        "Who is outside and does not know it is not told why",
        "xep0045-7.2.18-gc1-kick-codes",
    ),
    ("muc-ghost-stays", "Who cannot be reached stays", "xep0045-18.1.2-ghost-removed"),
    ("muc-ghost-not-told-why", "A removed ghost is not told why", "xep0045-11.1-removal-333"),
    # --- nicknames
    ("muc-nickname-of-spaces", "A nickname may be of spaces", "xep0045-17.1-nick-not-empty"),
    (
        "muc-addresses-unprepared",
        "Addresses in rooms are not prepared",
        "xep0045-17.1-nick-room-prep",
    ),
    (
        "muc-nickname-corrected-silently",
        "A nickname is corrected at the entrance without a word",
        "xep0045-7.2.2-nick-rewritten-210",
    ),
    (
        "muc-nickname-locked-in-secret",
        "Members have to use their nickname, and cannot ask for it",
        "xep0045-7.10-registered-nick-forced",
        "xep0045-18.1-lockdown-reserved-nick",
    ),
    (
        "muc-nickname-change-undone",
        "Members keep their nickname without a word",
        "xep0045-7.6-nick-change-210",
    ),
    (
        "muc-nickname-change-forbidden",
        "Members may not change their nickname, and are told so wrongly",
        "xep0045-7.6-nick-change-locked",
    ),
    ("muc-nickname-not-named", "Who asks for its nickname gets another name", "xep0045-7.12-reserved-nick"),
    ("muc-nickname-of-nobody", "Who has no nickname is told of one", "xep0045-7.12-reserved-nick-none"),
    (
        "muc-nickname-node-unavailable",
        "Whether nicknames can be asked for is not told as it should",
        "xep0045-7.12-reserved-nick-unsupported",
    ),
    (
        "muc-nickname-asked-outside-only",
        "Who is inside may not ask for its nickname",
        "xep0045-7.12-reserved-nick-after-join",
    ),
    # --- registration with a room
    (
        "muc-registration-asks-nothing",
        "Registration with a room has no form",
        "xep0045-7.10-register-form",
    ),
    (
        "muc-registration-not-implemented",
        "A room that knows no registration says so wrongly",
        "xep0045-7.10-register-unsupported",
    ),
    (
        "muc-registration-answered-wrongly",
        "A registration succeeds and is answered by an error",
        "xep0045-7.10-register-success",
    ),
    ("muc-registered-not-told", "A member is not told to be one", "xep0045-7.10-register-already"),
    ("muc-new-member-not-shown", "A new member is not shown", "xep0045-7.10-register-affiliation"),
    (
        "muc-registered-nickname-given-twice",
        "A nickname is given to two members",
        "xep0045-7.10-register-nick-conflict",
    ),
    (
        "muc-banned-registration-forbidden",
        "Who is banned learns wrongly that it may not register",
        "xep0045-7.10-register-not-allowed",
    ),
    (
        "muc-no-room-registers-wrongly",
        "That a room is not there is not told who registers",
        "xep0045-7.10-register-no-room",
    ),
    (
        "muc-registration-by-nothing",
        "A registration without a form succeeds",
        "xep0045-7.10-register-bad-form",
    ),
    # --- what is said, and was said
    (
        "muc-history-maxstanzas-ignored",
        "The number of messages is ignored",
        "xep0045-7.2.14-history-maxstanzas",
    ),
    (
        "muc-history-maxchars-ignored",
        "The number of characters is ignored",
        "xep0045-7.2.14-history-maxchars",
        "xep0045-7.2.14-history-maxchars-0",
    ),
    ("muc-history-seconds-ignored", "The age is ignored", "xep0045-7.2.14-history-seconds"),
    ("muc-history-since-ignored", "The moment is ignored", "xep0045-7.2.14-history-since"),
    ("muc-history-one-limit-only", "Several limits are ignored", "xep0045-7.2.14-history-least"),
    (
        "muc-history-stamped-by-speaker",
        "History is stamped by who spoke",
        "xep0045-7.2.13-history-delay-from",
    ),
    (
        "muc-subject-stamped-by-speaker",
        "The subject is stamped by who changed it",
        "xep0045-7.2.15-subject-delay-from",
    ),
    (
        "muc-newcomer-deaf",
        "Who came last hears nothing",
        "xep0045-7.2.16-live-after-subject",
        "xep0045-7.4-groupchat-reflected",
    ),
    ("muc-second-session-deaf", "A second device hears nothing", "xep0045-7.2.8-multi-session-routing"),
    ("muc-outsider-whispers", "Who is outside sends private messages", "xep0045-7.5-pm-outsider"),
    # --- pings
    (
        "muc-self-ping-passed-on",
        "Who asks whether it is inside has to answer by itself",
        "xep0410-3.3-optimized-joined",
    ),
    (
        "muc-self-ping-outside-not-found",
        "Who is outside is told that nobody has its nickname",
        "xep0410-3.3-optimized-not-joined",
        "xep0410-3.2-not-joined",
    ),
    ("muc-self-ping-not-listed", "Pings are answered, but not listed", "xep0410-3.3-feature"),
    # --- occupant ids
    ("muc-occupant-ids-not-listed", "Occupant ids are not listed", "xep0421-2-feature"),
    (
        "muc-occupant-id-missing-in-presence",
        "Presence has no occupant id",
        "xep0421-4-every-presence",
    ),
    (
        "muc-occupant-id-missing-in-messages",
        "Messages have no occupant id",
        "xep0421-4-every-message",
        "xep0421-4-history",
    ),
    ("muc-occupant-id-missing-in-history", "History has no occupant ids", "xep0421-4-history"),
    (
        "muc-occupant-id-forged",
        "An occupant id of an occupant's own is passed on",
        "xep0421-4-replaced",
        "xep0421-4-at-most-one",
    ),
    ("muc-occupant-id-by-nickname", "An occupant id goes with the nickname", "xep0421-4.1-stable"),
    ("muc-occupant-id-same-for-all", "All have the same occupant id", "xep0421-4.1-unique"),
    ("muc-occupant-id-shows-jid", "The occupant id is the address", "xep0421-4.1-no-jid"),
    ("muc-occupant-id-too-long", "Occupant ids are too long", "xep0421-4.1-length"),
)
