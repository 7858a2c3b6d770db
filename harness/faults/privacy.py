"""Faults in privacy lists."""

from harness.faults.fault import table

PRIVACY_FAULTS = table(
    ("privacy-items-lost", "A privacy list is shown without its rules", "xep0016-2.3-list"),
    ("privacy-names-incomplete", "The names of privacy lists are not told", "xep0016-2.3-names"),
    ("privacy-missing-list-shown", "A privacy list that nobody made is shown", "xep0016-2.3-list-missing"),
    ("privacy-several-shown", "Of several privacy lists the first is shown", "xep0016-2.3-several-lists"),
    (
        "privacy-several-set",
        "Of several privacy lists the first is set",
        "xep0016-2.1-set-several-children",
        "xep0016-2.8-remove-several",
    ),
    (
        "privacy-missing-list-chosen",
        "A privacy list that nobody made can be chosen",
        "xep0016-2.4-active-missing",
        "xep0016-2.5-default-missing",
    ),
    (
        "privacy-bad-items-accepted",
        "Rules of the same order are taken",
        "xep0016-2.1-order-duplicate",
    ),
    ("privacy-lists-merged", "New rules are added to the old ones", "xep0016-2.6-edit-replaces"),
    (
        "privacy-conflict-ignored",
        "A privacy list that another resource goes by can be taken away",
        "xep0016-2.5-default-conflict",
        "xep0016-2.5-default-decline-conflict",
        "xep0016-2.8-remove-conflict",
        "xep0016-2.2-conflict-no-change",
    ),
    ("privacy-active-stays", "An active list cannot be given up", "xep0016-2.4-active-decline"),
    (
        "privacy-active-ignored",
        "The active list has no effect",
        "xep0016-2.4-active-before-result",
        "xep0016-2.2-active-not-default",
    ),
    ("privacy-default-ignored", "The default list has no effect", "xep0016-2.2-default-applies"),
    ("privacy-order-ignored", "Rules go by their place and not by their order", "xep0016-2.2-ascending"),
    (
        "privacy-last-rule-decides",
        "The last rule that fits decides",
        "xep0016-2.2-ascending",
        "xep0016-2.2-first-match",
    ),
    ("privacy-no-match-denied", "What no rule fits is kept out", "xep0016-2.2-no-match-allow"),
    ("privacy-message-passes", "Messages come past every privacy list", "xep0016-2.9-message"),
    ("privacy-iq-passes", "Requests come past every privacy list", "xep0016-2.12-iq"),
    (
        "privacy-push-missing",
        "Changes of privacy lists are not pushed",
        "xep0016-2.6-edit-push",
        "xep0016-2.7-new-list-push",
    ),
    ("privacy-push-with-items", "A push of a privacy list has its rules", "xep0016-2.2-push-format"),
)
