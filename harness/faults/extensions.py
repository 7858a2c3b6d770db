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

ARCHIVE_FAULTS = table(
    (
        "archive-ids-repeated",
        "All archived messages have the same id",
        "xep0313-3-uid-unique",
        "xep0359-2.1-id-unique",
    ),
    ("archive-keeps-refused", "What is refused is archived", "xep0313-6.1-rejected-not-archived"),
    ("archive-keeps-twice", "Each message is archived twice", "xep0313-6.1.1-archive-once"),
    ("origin-id-lost", "The id that a client gave is taken off", "xep0359-2.2-origin-id-preserved"),
    (
        "stanza-id-of-full-jid",
        "The id of the archive is said to be by a resource",
        "xep0359-3-by-account",
        "xep0313-3.5-stanza-id-added",
    ),
    ("stanza-id-changes", "The id of a message is another in the archive", "xep0359-2.1-id-stable"),
    ("stanza-id-with-text", "The id of the archive has text in it", "xep0359-3-empty"),
    (
        "own-stanza-id-passed-on",
        "The id of the sender's archive goes to the recipient",
        "xep0313-3.5-stanza-id-not-to-others",
    ),
    ("archive-field-ignored", "Unknown fields of a query are ignored", "xep0313-4.1.5-unknown-field"),
    (
        "archive-nothing-refused",
        "A query without matches is refused",
        "xep0313-4.1-no-match-success",
        "xep0059-2.2-no-items",
    ),
    ("archive-never-flips", "Pages are never turned round", "xep0313-4.3.4-flip-page"),
    ("archive-end-first", "The end of the results comes before them", "xep0313-4-query-result-then-fin"),
    ("archive-form-incomplete", "The form of a query has no end", "xep0313-4.1.5-form-fields"),
    ("archive-form-closed", "The form does not say that ids can be any", "xep0313-4.1.5-ids-open"),
    ("archive-metadata-of-one", "The last message is said to be the first", "xep0313-5-metadata"),
    ("archive-metadata-of-nothing", "An empty archive has nothing to tell", "xep0313-5-metadata-empty"),
    (
        "archive-unknown-id-matches-nothing",
        "Ids of a query that there are not match nothing",
        "xep0313-4.1.3-unknown-id",
    ),
    ("archive-id-range-ignored", "A range of ids is ignored", "xep0313-4.1.3-before-after-id"),
    ("archive-ids-ignored", "Ids that are asked for are ignored", "xep0313-4.1.3-ids"),
    ("archive-start-ignored", "The begin of a time is ignored", "xep0313-4.1.2-start"),
    ("archive-end-ignored", "The end of a time is ignored", "xep0313-4.1.2-end"),
    (
        "archive-of-received-only",
        "Who asks for everything gets what others wrote",
        "xep0313-4.1.1-with-absent",
    ),
    (
        "archive-with-oneself-is-everything",
        "The own address matches every message",
        "xep0313-4.1.1-with-self",
    ),
    (
        "archive-after-ignored",
        "Every page is the first",
        "xep0059-2.2-after",
        "xep0313-4.3.1-rsm",
        "xep0313-4.3.2-any-page",
    ),
    (
        "archive-before-ignored",
        "There is no way back through the pages",
        "xep0059-2.3-before",
        "xep0059-2.5-last-page",
        "xep0313-4.3.3-last-page",
    ),
    (
        "archive-page-of-nowhere",
        "A page at an unknown id is the first",
        "xep0313-4.3.2-rsm-unknown-id",
    ),
    ("archive-without-body", "Archived messages have lost their body", "xep0313-3-body-kept"),
    ("archive-without-id", "Results have no id", "xep0313-4.2-result-id"),
    (
        "archive-end-without-page",
        "The end does not tell what the page was",
        "xep0313-4-fin-rsm",
        "xep0059-2.2-first-last",
        "xep0059-2.2-one-item",
    ),
    ("empty-page-marked", "An empty page has a first and a last item", "xep0059-2.2-empty-page"),
    ("page-without-count", "A page does not tell how many items there are", "xep0059-2.7-count-only"),
    (
        "archive-not-listed",
        "An account does not tell that it has an archive",
        "xep0313-7-disco-features",
        "xep0313-3.3.1-user-archive-bare-jid",
    ),
)

MESSAGING_FAULTS = table(
    ("blocking-not-listed", "Block lists are not among the features", "xep0191-3.1-disco-feature"),
    ("block-ends-with-session", "A block is forgotten at logout", "xep0191-3.3-block-persists"),
    ("blocked-probe-answered", "A probe of who is blocked is answered", "xep0191-3.3-block-presence-silent"),
    ("blocked-request-unanswered", "A request of who is blocked is dropped", "xep0191-3.3-block-iq-error"),
    ("blocked-answer-passes", "Answers of who is blocked arrive", "xep0191-3.3-block-iq-response-dropped"),
    ("own-device-blocked", "Who blocks the own address hears nothing of it", "xep0191-5-own-resources"),
    ("carbons-not-listed", "Copies are not among the features", "xep0280-3-disco-feature"),
    ("carbons-unanswered", "Who asks for copies gets no answer", "xep0280-4-enable-result"),
    ("carbons-twice-refused", "Who asks for copies twice is refused", "xep0280-10.1-repeat-enable"),
    ("carbons-given-up-for-good", "Who gave copies up gets none any more", "xep0280-10.1-toggle"),
    ("carbons-of-chat-only", "Messages of no type are not copied", "xep0280-6.1-eligible-normal-body"),
    ("carbons-of-one-type", "All copies are headlines", "xep0280-7-received-type"),
    (
        "carbon-bounce-passed-on",
        "Who wrote a message is told that a copy was returned",
        "xep0280-10.3-bounce-not-forwarded",
    ),
    (
        "offline-to-negative-priority",
        "What was kept goes to a negative priority",
        "xep0160-2-not-to-negative",
    ),
    ("offline-not-listed", "The storage of messages is not among the features", "xep0160-4-disco-feature"),
)

#: All of them.
EXTENSION_FAULTS = {**STREAM_MANAGEMENT_FAULTS, **ARCHIVE_FAULTS, **MESSAGING_FAULTS}
