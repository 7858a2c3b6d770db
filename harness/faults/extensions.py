"""Faults in stream management, archives, carbons, blocking, offline messages and publish-subscribe."""

from harness.faults.fault import table

STREAM_MANAGEMENT_FAULTS = table(
    (
        "enable-before-bind-granted",
        "Stream management is enabled where no resource is bound",
        "xep0198-3-enable-before-bind-failed",
    ),
    ("enable-twice-granted", "Stream management is enabled a second time", "xep0198-3-enable-twice"),
    (
        "enabled-without-id",
        "A session that can be resumed has no id",
        "xep0198-3-resume-flag",
    ),
    ("session-ids-reused", "A later session has the id of an earlier one", "xep0198-5-smid-not-reused"),
    ("session-id-long", "The id of a session is long", "xep0198-5-smid-length"),
    (
        "unasked-acknowledgement-refused",
        "An acknowledgement that was not asked for ends the stream",
        "xep0198-4-unrequested-ack",
    ),
    (
        "failed-for-no-stanza-reason",
        "What fails names no condition of a stanza error",
        "xep0198-6-failed-condition",
    ),
    (
        "resumption-before-login-granted",
        "A session is resumed by who has not logged in",
        "xep0198-10-resume-after-auth",
    ),
    (
        "resumption-by-others-granted",
        "A session is resumed by another account",
        "xep0198-5-resume-other-user",
    ),
    ("resumption-refused", "No session is ever found", "xep0198-5-resumed"),
    ("resumed-without-h", "Who resumes is not told what was handled", "xep0198-5-resumed"),
    (
        "resumption-of-nothing-unanswered",
        "Who resumes what there is not gets no answer",
        "xep0198-5-resume-unknown",
        "xep0198-5-resume-unsupported",
    ),
    (
        "resumption-resets-counters",
        "A resumed session counts from zero",
        "xep0198-5-resume-counters-carried",
    ),
    (
        "resumption-forgets-presence",
        "A resumed session is not available any more",
        "xep0198-5-resume-keeps-jid",
    ),
    (
        "resumption-replays-nothing",
        "What was lost with a connection is not sent again",
        "xep0198-5-resume-replays",
    ),
    (
        "resumption-ignores-h",
        "Everything is sent again, handled or not",
        "xep0198-5-resume-replays",
    ),
    (
        "resumption-keeps-old-stream",
        "The old stream of a resumed session stays open",
        "xep0198-5-resume-old-stream",
    ),
    (
        "closed-session-kept",
        "A session whose stream was closed in order is kept",
        "xep0198-7-clean-close-unavailable",
    ),
    ("lost-session-forgotten", "No session outlives its connection", "xep0198-7-unclean-kept"),
    (
        "unacknowledged-without-delay",
        "What is delivered late after a lost connection does not say so",
        "xep0198-4-unacked-delay",
    ),
)

#: All of them.
EXTENSION_FAULTS = {**STREAM_MANAGEMENT_FAULTS}
