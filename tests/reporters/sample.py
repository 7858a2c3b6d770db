"""A made-up run that holds everything a report has to show. The products do not exist."""

from collections.abc import Iterator, Mapping, Sequence

from harness.results.records import (
    CaseFinished,
    Exchange,
    Finding,
    Record,
    RunFinished,
    RunStarted,
    StepPlace,
    TargetFinished,
    TargetStarted,
)
from harness.results.requirements import RequirementView
from harness.results.verdicts import Level, Perspective, Verdict

STARTED = 1_763_640_000.0
HOSTILE = "<message><body></script><script>document.title='broken'</script>\x1b[31m\u202e]]></body></message>"

MUST, SHOULD, MAY = Level.MUST, Level.SHOULD, Level.MAY

_ROWS: Sequence[tuple[str, str, str, str, Level | None, Level | None, str]] = [
    ("rfc6120-4.9.1.2-header-before-setup-error", "RFC 6120", "4.9.1.2",
     "An error caused by the initial header still comes after a response header and before a closing tag",
     MUST, None, ""),
    ("rfc6120-6.5.10-no-user-enumeration", "RFC 6120", "6.5.10",
     "Wrong password and unknown user yield the same SASL condition",
     MUST, None, "Speaks of the error condition only; timing is not covered"),
    ("rfc6120-8.1.2.1-from-spoof-overridden", "RFC 6120", "8.1.2.1",
     "A wrong 'from' given by a client is never passed on; it is replaced by the real address",
     MUST, None, "4.9.3.9 also lets the server close the stream with invalid-from"),
    ("rfc6120-8.2.3-iq-bad-type", "RFC 6120", "8.2.3",
     "An IQ whose type is not get, set, result or error gets bad-request from its recipient or a router on the way",
     MUST, MUST, ""),
    ("rfc6120-4.9.2-text-namespace", "RFC 6120", "4.9.2",
     "A text child, if any, is in the streams error namespace", MUST, MUST, "xml:lang on it is only a SHOULD"),
    ("rfc6121-2.3.2-set-acknowledged", "RFC 6121", "2.3.2",
     "A roster set is answered with an empty result of the same id", MUST, None, ""),
    ("rfc6121-2.1.6-push-interested", "RFC 6121", "2.1.6",
     "Every interested resource gets the roster push, the one that asked for the change included", MUST, None, ""),
    ("rfc6121-2.4.2-update-name", "RFC 6121", "2.4.2",
     "A second set for a contact replaces its name and groups", MUST, None, ""),
    ("rfc6121-3.1.2-subscribe-jid-syntax", "RFC 6121", "3.1.2",
     "The address of a subscription request is looked at before it goes further", MUST, None, ""),
    ("rfc6121-3.1.4-request-shown", "RFC 6121", "3.1.4",
     "A subscription request is shown to the user", None, MUST, ""),
    ("rfc6121-8.5.3.2-offline-message", "RFC 6121", "8.5.2.2.1",
     "A chat message for an account without resources is kept or refused with service-unavailable",
     SHOULD, None, "Either conduct is right; silently dropping it is not"),
    ("xep0045-7.2.2-presence-order", "XEP-0045", "7.2.2",
     "A newcomer gets the presence of the other occupants before its own", MUST, None, ""),
    ("xep0045-7.2.15-subject-last", "XEP-0045", "7.2.15",
     "After the history, a newcomer gets the room subject, even when it is empty", MUST, None, ""),
    ("xep0045-7.2.13-history", "XEP-0045", "7.2.13",
     "Recent messages of the room are sent to a newcomer", SHOULD, None, "The room's configuration decides how many"),
    ("xep0077-3.1.1-fields", "XEP-0077", "3.1.1",
     "A registration get returns the fields that are needed", MUST, None, ""),
    ("xep0199-4.1-pong", "XEP-0199", "4.1", "A ping is answered by an empty result or an error", MUST, MUST, ""),
    ("xep0198-5-resume", "XEP-0198", "5", "A stream that broke can be resumed by its id", MUST, None, ""),
    ("xep0280-9-received", "XEP-0280", "9",
     "A chat message to one resource is copied to the other ones that asked for it", MUST, None, ""),
    ("xep0092-3-version", "XEP-0092", "3", "A version query is answered with a name", SHOULD, SHOULD, ""),
    ("xep0363-4-slot", "XEP-0363", "4", "A slot request gets a put and a get address", MUST, None, ""),
]  # fmt: skip

_TESTABLE_AS = {"rfc6121-3.1.2-subscribe-jid-syntax": "none"}

REQUIREMENTS: Mapping[str, RequirementView] = {
    row[0]: RequirementView(
        id=row[0],
        spec=row[1],
        section=row[2],
        title=row[0].split("-", 2)[-1].replace("-", " "),
        summary=row[3],
        server=row[4],
        client=row[5],
        latitude=row[6],
        negative=row[0] == "rfc6120-8.1.2.1-from-spoof-overridden",
        testable_as=_TESTABLE_AS.get(row[0], "both"),
        note="The look itself leaves no trace" if row[0] in _TESTABLE_AS else "",
    )
    for row in _ROWS
}

TARGETS = ("reference", "verona", "mantua")


def _wire(*lines: tuple[float, str, str, str, str]) -> list[Exchange]:
    return [
        Exchange(at=at, actor=actor, direction=direction, kind=kind, text=text)
        for at, actor, direction, kind, text in lines
    ]


def _login(actor: str, user: str, at: float) -> list[Exchange]:
    jid = f"{user}@capulet.example/balcony"
    return _wire(
        (at, actor, "", "connected", "127.0.0.1:41822"),
        (at + 0.001, actor, "sent", "bytes", "<stream:stream to='capulet.example' version='1.0' xmlns='jabber:client'"
         " xmlns:stream='http://etherx.jabber.org/streams'>"),
        (at + 0.002, actor, "received", "bytes", "<?xml version='1.0'?><stream:stream id='c2s-81' version='1.0'"
         " from='capulet.example' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"),
        (at + 0.0021, actor, "received", "bytes", "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>"
         "<required/></starttls></stream:features>"),
        (at + 0.003, actor, "", "tls", "TLSv1.3 TLS_AES_256_GCM_SHA384"),
        (at + 0.004, actor, "sent", "bytes", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
         " mechanism='SCRAM-SHA-256'>[masked]</auth>"),
        (at + 0.006, actor, "received", "bytes", "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>[masked]</success>"),
        (at + 0.007, actor, "sent", "bytes", "<iq type='set' id='bind-1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
         "<resource>balcony</resource></bind></iq>"),
        (at + 0.008, actor, "received", "bytes", "<iq type='result' id='bind-1'>"
         f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{jid}</jid></bind></iq>"),
    )  # fmt: skip


ROSTER_SET = (
    "<iq type='set' id='add-1'><query xmlns='jabber:iq:roster'>"
    "<item jid='nurse@capulet.example' name='Nurse 🌹'><group>Servants</group></item></query></iq>"
)


def _roster(push_to_phone: bool) -> list[Exchange]:
    lines = [
        *_login("Romeo", "romeo-7f3a", 0.0),
        *_login("Romeo's phone", "romeo-7f3a", 0.011),
        *_wire(
            (0.024, "Romeo", "sent", "bytes", ROSTER_SET),
            (0.026, "Romeo", "received", "bytes", ROSTER_SET.replace("add-1", "push-1")),
            (
                0.027,
                "Romeo",
                "received",
                "bytes",
                "<iq type='result' id='add-1' to='romeo-7f3a@capulet.example/b'/>",
            ),
            (0.027, "Romeo", "sent", "bytes", "<iq type='result' id='push-1'/>"),
        ),
    ]
    if push_to_phone:
        lines += _wire((0.028, "Romeo's phone", "received", "bytes", ROSTER_SET.replace("add-1", "push-2")))
    lines += _wire(
        (
            0.029,
            "Romeo's phone",
            "sent",
            "bytes",
            "<iq type='get' id='fence-1'><ping xmlns='urn:xmpp:ping'/></iq>",
        ),
        (0.031, "Romeo's phone", "received", "bytes", "<iq type='result' id='fence-1'/>"),
        (0.032, "Romeo", "sent", "bytes", "</stream:stream>"),
        (0.033, "Romeo", "received", "bytes", "</stream:stream>"),
        (0.034, "Romeo", "", "disconnected", "in order"),
    )
    return lines


def _spoof() -> list[Exchange]:
    return [
        *_login("Romeo", "romeo-11c0", 0.0),
        *_login("Juliet", "juliet-11c0", 0.01),
        *_wire(
            (0.022, "Romeo", "sent", "bytes", "<message from='mercutio@montague.example' type='chat'"
             " to='juliet-11c0@capulet.example'><body>A plague o’ both your houses</body></message>"),
            (0.024, "Juliet", "received", "bytes", "<message from='mercutio@montague.example' type='chat'"
             " to='juliet-11c0@capulet.example'><body>A plague o’ both your houses</body></message>"),
            (0.025, "Romeo", "sent", "bytes", "<iq type='get' id='fence'><ping xmlns='urn:xmpp:ping'/></iq>"),
            (0.026, "Romeo", "received", "bytes", "<iq type='result' id='fence'/>"),
        ),
    ]  # fmt: skip


def _muc(subject: bool) -> list[Exchange]:
    room = "garden-5d2@rooms.capulet.example"
    user = "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='participant'/>"
    lines = [
        *_login("Juliet", "juliet-5d2", 0.0),
        *_wire(
            (0.012, "Juliet", "sent", "bytes", f"<presence to='{room}/Юлия'><x xmlns='http://jabber.org/protocol/muc'/>"
             "</presence>"),
            (0.014, "Juliet", "received", "bytes", f"<presence from='{room}/Romeo'>{user}</x></presence>"),
            (0.015, "Juliet", "received", "bytes", f"<presence from='{room}/Юлия'>{user}<status code='110'/></x>"
             "</presence>"),
            (0.016, "Juliet", "received", "bytes", f"<message type='groupchat' from='{room}/Romeo'>"
             "<body>It is the east</body><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>"),
        ),
    ]  # fmt: skip
    if subject:
        lines += _wire((0.017, "Juliet", "received", "bytes",
                        f"<message type='groupchat' from='{room}'><subject/></message>"))  # fmt: skip
    return lines


def _hostile() -> list[Exchange]:
    return _wire(
        (0.0, "Mallory", "", "connected", "127.0.0.1:40000"),
        (0.002, "Mallory", "sent", "bytes", HOSTILE),
        (0.003, "Mallory", "received", "bytes", HOSTILE),
        (0.004, "Mallory", "", "violation", "not-well-formed: undefined entity &lol; at octet 118"),
        (0.005, "Mallory", "", "note", "background traffic set aside: <iq type='get'><query/></iq>"),
        (0.006, "Mallory", "received", "bytes", "\\xff\\xfe not UTF-8"),
        (0.007, "Mallory", "", "disconnected", "reset by peer"),
    )


NO_PUSH = Finding(
    cause="rfc6121-2.1.6-push-interested: no roster push where one is due",
    message="Romeo's phone was to receive a roster push and received nothing before the fence came back",
    difference=[
        "- <iq xmlns='jabber:client' type='set' id='{any}'>",
        "-   <query xmlns='jabber:iq:roster'>",
        "-     <item jid='nurse@capulet.example' name='Nurse 🌹'/>",
        "-   </query>",
        "- </iq>",
        "+ (nothing)",
    ],
    step=StepPlace(file="scenarios/roster/set_is_pushed_to_all.scs", line=31, text="Romeo's phone receives:"),
    requirements=["rfc6121-2.1.6-push-interested"],
    hint="Did the server treat the phone as interested? It had asked for the roster on line 18.",
    at=0.031,
)
SPOOFED = Finding(
    cause="rfc6120-8.1.2.1-from-spoof-overridden: attribute from differs",
    message="Juliet received a message whose sender is the one that Romeo made up",
    difference=[
        "- <message from='romeo-11c0@capulet.example/balcony' type='chat'>",
        "?                ^^^^^^^^^^ ^^^^^^^^",
        "+ <message from='mercutio@montague.example' type='chat'>",
        "?                ^^^^^^^^ ^^^^^^^^",
        "    <body>A plague o’ both your houses</body>",
        "  </message>",
    ],
    step=StepPlace(file="scenarios/stanza/spoofed_from.scs", line=22, text="Juliet receives one of:"),
    requirements=["rfc6120-8.1.2.1-from-spoof-overridden"],
    at=0.024,
)
NO_SUBJECT = Finding(
    cause="xep0045-7.2.15-subject-last: no room subject after the history",
    message="Juliet was to receive the room subject and received nothing more",
    difference=[
        "- <message xmlns='jabber:client' type='groupchat' from='{full jid}'>",
        "-   <subject/>",
        "- </message>",
        "+ (nothing)",
    ],
    step=StepPlace(file="scenarios/muc/subject_after_history.scs", line=27, text="Juliet receives:"),
    requirements=["xep0045-7.2.15-subject-last"],
)
DROPPED = Finding(
    cause="rfc6121-8.5.3.2-offline-message: the message vanished",
    message="Romeo's message for an offline account was neither delivered later nor refused",
    difference=["- <message type='error'>…</message>, or the message after Juliet connects", "+ (nothing)"],
    step=StepPlace(file="scenarios/message/offline.scs", line=19, text="Juliet receives one of:"),
    requirements=["rfc6121-8.5.3.2-offline-message"],
)
HOSTILE_FINDING = Finding(
    cause="monitor wellformed: not-well-formed <b>&\"'</b>",
    message=f"The target echoed bytes that are not XML: {HOSTILE}",
    difference=["  <message>", f"- {HOSTILE}", f"+ {HOSTILE}", "?  ^^^"],
    requirements=["rfc6120-unknown-to-every-table"],
    step=StepPlace(
        file="scenarios/stanza/spoofed_from.scs", line=8, text="Mallory sends: </details></script>"
    ),
)
CRASHED = Finding(
    cause="the target closed every connection",
    message="Mantua ended with signal 11 outside any check",
    hint="Its log ends with: segfault at 0 ip 00007f",
)

PASS, FAIL, DEVIATES = Verdict.PASS, Verdict.FAIL, Verdict.DEVIATES
UNSUPPORTED, NOT_APPLICABLE, ERROR = Verdict.UNSUPPORTED, Verdict.NOT_APPLICABLE, Verdict.ERROR
Cell = tuple[Verdict, Sequence[Finding]]
OK: Cell = (PASS, ())

_CASES: Sequence[tuple[str, str, Sequence[str], Sequence[Cell]]] = [
    ("login/scram_and_bind", "A client logs in with SCRAM and binds a resource",
     ["rfc6120-6.5.10-no-user-enumeration"], [OK, OK, OK]),
    ("login/unknown_user", "An unknown user and a wrong password look the same",
     ["rfc6120-6.5.10-no-user-enumeration"], [OK, OK, OK]),
    ("stream/error_after_header", "A stream error for the initial header comes inside a stream",
     ["rfc6120-4.9.1.2-header-before-setup-error", "rfc6120-4.9.2-text-namespace"], [OK, OK, OK]),
    ("stanza/iq_of_unknown_type", "An IQ of an unknown type is refused", ["rfc6120-8.2.3-iq-bad-type"], [OK, OK, OK]),
    ("stanza/spoofed_from", "A made-up sender is replaced by the real one",
     ["rfc6120-8.1.2.1-from-spoof-overridden"], [OK, OK, (FAIL, [SPOOFED])]),
    ("roster/set_is_pushed_to_all", "A roster set is acknowledged and pushed to every interested resource",
     ["rfc6121-2.3.2-set-acknowledged", "rfc6121-2.1.6-push-interested"], [OK, (FAIL, [NO_PUSH]), (FAIL, [NO_PUSH])]),
    ("roster/update_replaces_name", "A second roster set replaces name and groups",
     ["rfc6121-2.4.2-update-name", "rfc6121-2.1.6-push-interested"], [OK, (FAIL, [NO_PUSH]), OK]),
    ("message/offline", "A message to an offline account is kept or refused",
     ["rfc6121-8.5.3.2-offline-message"], [OK, (DEVIATES, [DROPPED]), OK]),
    ("muc/presence_order", "Other occupants come before oneself", ["xep0045-7.2.2-presence-order"], [OK, OK, OK]),
    ("muc/subject_after_history", "The room subject ends the join of a room",
     ["xep0045-7.2.15-subject-last", "xep0045-7.2.13-history"], [OK, (FAIL, [NO_SUBJECT]), OK]),
    ("registration/fields", "Registration tells its fields", ["xep0077-3.1.1-fields"], [OK, OK, (UNSUPPORTED, ())]),
    ("ping/server_answers", "The server answers a ping", ["xep0199-4.1-pong"], [OK, OK, OK]),
    ("stream_management/resume", "A broken stream is resumed", ["xep0198-5-resume"],
     [OK, OK, (UNSUPPORTED, ())]),
    ("carbons/received", "The other resource gets a carbon of a received message", ["xep0280-9-received"],
     [OK, OK, (ERROR, [CRASHED])]),
    ("client/answers_version", "A client tells its version", ["xep0092-3-version"],
     [(NOT_APPLICABLE, ()), (NOT_APPLICABLE, ()), (NOT_APPLICABLE, ())]),
    ("monitors/well_formed", "All that the target sends is well-formed XML", [],
     [OK, OK, (FAIL, [HOSTILE_FINDING])]),
    ("monitors/from_is_stamped", "No stanza arrives without a sender",
     ["rfc6120-8.1.2.1-from-spoof-overridden"], [OK, OK, OK]),
]  # fmt: skip

_TALKS: Mapping[str, list[Exchange]] = {
    "stanza/spoofed_from": _spoof(),
    "muc/subject_after_history": _muc(subject=False),
    "muc/presence_order": _muc(subject=True),
    "monitors/well_formed": _hostile(),
    "monitors/from_is_stamped": [],
}


def _talk(case: str, verdict: Verdict) -> list[Exchange]:
    if not verdict.is_measured and verdict is not ERROR:
        return []
    if case.startswith("roster/"):
        return _roster(push_to_phone=verdict is PASS)
    return _TALKS.get(case, _login("Romeo", "romeo-90b1", 0.0))


def _level(requirements: Sequence[str]) -> Level | None:
    levels = [level for one in requirements if (level := REQUIREMENTS[one].server)]
    return min(levels, key=[MUST, SHOULD, MAY].index, default=None)


def case_finished(
    target: str, name: str, title: str, requirements: Sequence[str], cell: Cell, index: int = 0
) -> CaseFinished:
    verdict, findings = cell
    return CaseFinished(
        target=target,
        case=name,
        title=title,
        perspective=Perspective.CLIENT,
        verdict=verdict,
        family=name.split("/")[0],
        requirements=list(requirements),
        level=_level(requirements),
        tags=["roster"] if name.startswith("roster") else [],
        findings=list(findings),
        notes=["line 27: the history was left out, which the room's configuration permits"]
        if name == "muc/presence_order"
        else [],
        exchanges=_talk(name, verdict),
        started=STARTED + index * 0.05,
        seconds=0.012 + 0.009 * ((index * 7) % 11),
        known="Verona keeps no interest per resource; issue 1182" if _is_known(target, name) else "",
        unexpected_pass=target == "verona" and name == "muc/presence_order",
        reproduce=f"xmpp-harness run {name} --target {target}",
        shown_by="stanza/spoofed_from" if name == "monitors/well_formed" and verdict is FAIL else "",
    )


def _is_known(target: str, name: str) -> bool:
    return target == "verona" and name == "roster/update_replaces_name"


def _played(target: str, column: int) -> Iterator[Record]:
    for index, (name, title, requirements, cells) in enumerate(_CASES):
        yield case_finished(target, name, title, requirements, cells[column], index)


def records() -> list[Record]:
    products = {
        "reference": ("xmpp-harness reference", "0.1.0"),
        "verona": ("Verona", "2.1.4"),
        "mantua": ("Mantua", "0.9β"),
    }
    lines: list[Record] = [
        RunStarted(
            version="0.1.0",
            started=STARTED,
            command=["xmpp-harness", "run", "--target", "reference", "--target", "verona", "--target", "mantua"],
            seed=20261,
            python="3.11.2",
            expat="2.5.0",
            openssl="3.0.17",
            selection=["all"],
        )
    ]  # fmt: skip
    for column, target in enumerate(TARGETS):
        product, version = products[target]
        lines.append(
            TargetStarted(
                target=target, product=product, version=version, domain="capulet.example",
                endpoint="127.0.0.1:5222", attached=target == "mantua", planned=len(_CASES),
                features=["urn:xmpp:ping", "urn:xmpp:carbons:2"], seconds=0.8 * column,
            )
        )  # fmt: skip
        lines += _played(target, column)
        lines.append(
            TargetFinished(
                target=target, seconds=1.4 + column, cpu_seconds=0.41 * (column + 1), harness_cpu_seconds=0.9,
                peak_rss=23_000_000 * (column + 1), died="ended with signal 11" if target == "mantua" else "",
            )
        )  # fmt: skip
    lines.append(RunFinished(finished=STARTED + 6.84, exit_code=1))
    return lines


def large(cases: int, targets: int) -> list[Record]:
    """A run of the size that a report has to bear: every twentieth case fails."""
    lines: list[Record] = [RunStarted(version="0.1.0", started=STARTED, command=["xmpp-harness", "run"])]
    for number in range(targets):
        name = f"target-{number}"
        lines.append(TargetStarted(target=name, product=name, version="1", domain="d", endpoint="e"))
        for index in range(cases):
            cell: Cell = (FAIL, [NO_PUSH]) if index % 20 == number else OK
            title = f"Roster case number {index}"
            lines.append(
                case_finished(name, f"roster/case_{index}", title, list(REQUIREMENTS)[:2], cell, index)
            )
    lines.append(RunFinished(finished=STARTED + 60, exit_code=1))
    return lines
