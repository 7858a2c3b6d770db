"""Each property is broken by what breaks it, and kept by what is permitted."""

from dataclasses import replace

import pytest

from harness.catalogue.requirements import load_requirements
from harness.fuzz.servers.properties import PROPERTIES
from harness.fuzz.servers.side import EVERY_PROPERTY
from harness.fuzz.trial import Ending, Trial, read_as_sent
from harness.results.verdicts import Level
from harness.strategies.sample import Claim, Place, Sample
from harness.wire.events import ElementReceived

ROMEO, JULIET = "romeo@x/a", "juliet@x/b"
CHAT = b"<message to='juliet@x/b' id='t1' type='chat'><body>Ay me!</body></message>"
PING = b"<iq type='get' to='x' id='t1'><ping xmlns='urn:xmpp:ping'/></iq>"
ENDED = Ending(conditions=("not-well-formed",), errors=1, closing_tags=1, is_gone=True)


def elements(*texts: bytes) -> tuple[ElementReceived, ...]:
    return read_as_sent(b"".join(texts))[1]


def trial(data: bytes = CHAT, claim: Claim = Claim.LEGAL, **changes: object) -> Trial:
    place = changes.pop("place", Place.SESSION)
    conditions = changes.pop("conditions", frozenset())
    sample = Sample(family="f", data=data, claim=claim, place=place, conditions=conditions)
    reading, sent = read_as_sent(data)
    usual = Trial(
        sample=sample,
        token="t1",
        data=data,
        reading=reading,
        sent=sent,
        sender=ROMEO,
        peer=JULIET,
        domain="x",
    )
    return replace(usual, **({"is_settled": True} | changes))


def ill_formed(**changes: object) -> Trial:
    return trial(b"<message id='t1'><body></message>", Claim.ILL_FORMED, **({"is_settled": False} | changes))


def arriving(*texts: bytes, **changes: object) -> Trial:
    return trial(arrivals=elements(*texts), **changes)


COMES = b"<message from='romeo@x/a' to='juliet@x/b' id='t1' type='chat'><body>Ay me!</body></message>"
RESULT = b"<iq type='result' id='t1' from='x'/>"

BREAKS = {
    "valid-accepted": [
        trial(is_settled=False, ending=ENDED),
        trial(is_settled=False),
    ],
    "ill-formed-ends-the-stream": [
        ill_formed(is_settled=True),
        ill_formed(),
        ill_formed(ending=Ending(closing_tags=1, is_gone=True)),
        ill_formed(ending=ENDED, arrivals=elements(COMES)),
    ],
    "nothing-repaired": [arriving(COMES.replace(b"Ay", "�".encode()))],
    "restricted-ends-the-stream": [
        trial(b"<message id='t1'><!-- --></message>", Claim.RESTRICTED),
    ],
    "ends-once": [
        ill_formed(ending=replace(ENDED, errors=2)),
        ill_formed(ending=replace(ENDED, after=1)),
        ill_formed(ending=replace(ENDED, closing_tags=2)),
        ill_formed(ending=replace(ENDED, closing_tags=0)),
        ill_formed(ending=replace(ENDED, is_gone=False)),
    ],
    "end-explained": [ill_formed(ending=Ending(is_gone=True))],
    "condition-fits": [
        ill_formed(conditions=frozenset({"bad-format"}), ending=replace(ENDED, conditions=("reset",))),
        ill_formed(conditions=frozenset({"bad-format"}), ending=replace(ENDED, conditions=("odd",))),
        ill_formed(conditions=frozenset({"bad-format"}), ending=replace(ENDED, conditions=())),
    ],
    "one-answer": [
        trial(PING),
        trial(PING, answers=elements(RESULT, RESULT)),
    ],
    "answer-without-id": [
        trial(PING.replace(b" id='t1'", b""), replies=elements(RESULT.replace(b"'t1'", b"'fence-1'")))
    ],
    "one-child": [
        trial(PING.replace(b"</iq>", b"<x xmlns='y'/></iq>"), answers=elements(RESULT)),
    ],
    "delivered-unchanged": [
        arriving(COMES.replace(b"Ay me!", b"Ay!")),
        arriving(COMES.replace(b"<body>", b"<body x='1'>")),
        arriving(COMES.replace(b"<body>Ay me!</body>", b"")),
        arriving(COMES.replace(b"</body>", b"</body><body/>")),
        arriving(COMES.replace(b"chat", b"headline")),
    ],
    "nothing-smuggled": [
        arriving(COMES.replace(b"'t1'", b"'t1-inner'")),
        trial(strays=elements(COMES)),
    ],
    "origin-is-true": [arriving(COMES.replace(b"romeo", b"tybalt"))],
    "forged-ids-are-stripped": [
        arriving(
            COMES.replace(
                b"<body>", b"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@x' id='1'/>" * 2 + b"<body>"
            )
        )
    ],
    "victim-survives": [trial(is_peer_well=False)],
    "nothing-before-login": [
        arriving(COMES, place=Place.OPEN),
        trial(PING, place=Place.OPEN, answers=elements(RESULT)),
    ],
    "prompt": [trial(b"<response/>", place=Place.OPEN, is_settled=False)],
    "no-internal-error": [
        trial(is_settled=False, ending=replace(ENDED, conditions=("internal-server-error",))),
        trial(
            PING,
            answers=elements(
                b"<iq type='error' id='t1'><error type='cancel'><internal-server-error "
                b"xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ),
        ),
    ],
    "namespaces-count": [
        trial(
            b"<starttls xmlns='x'/>",
            place=Place.OPEN,
            replies=elements(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
        )
    ],
    "no-error-for-an-error": [
        trial(CHAT.replace(b"chat", b"error"), answers=elements(COMES.replace(b"chat", b"error")))
    ],
}

KEEPS = [
    arriving(COMES),
    arriving(COMES.replace(b"<body>", b"<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/><body>")),
    arriving(COMES.replace(b"<message", b"<message xml:lang='en'")),
    trial(PING, answers=elements(RESULT)),
    ill_formed(ending=ENDED),
    trial(CHAT.replace(b"chat", b"error").replace(b"juliet@x/b", b"romeo@x/a"), answers=elements(COMES)),
    ill_formed(conditions=frozenset({"not-well-formed"}), ending=ENDED),
    ill_formed(
        conditions=frozenset({"bad-format"}), ending=replace(ENDED, conditions=("xml-not-well-formed",))
    ),
    trial(
        conditions=frozenset({"not-well-formed"}),
        is_settled=False,
        ending=replace(ENDED, conditions=("xml-not-well-formed",)),
    ),
    ill_formed(
        place=Place.OPEN, conditions=frozenset({"x"}), ending=replace(ENDED, conditions=("not-authorized",))
    ),
    trial(
        b"<message id='t1'/><a></b>",
        Claim.ILL_FORMED,
        is_settled=False,
        ending=ENDED,
        arrivals=elements(COMES),
    ),
    trial(
        b"<message id='t1'><p:a/></message>",
        Claim.ILL_FORMED,
        conditions=frozenset({"bad-namespace-prefix"}),
        answers=elements(
            b"<message type='error' id='t1'><error type='modify'>"
            b"<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        ),
    ),
    trial(b"<message id='t1'><!-- ", Claim.RESTRICTED, is_settled=False),
    trial(PING.replace(b" id='t1'", b""), replies=elements(RESULT.replace(b" id='t1'", b""))),
    trial(PING.replace(b"to='x'", b"to='juliet@x/b'")),
    trial(
        b"<message id='t1' from='juliet@x'/>",
        is_settled=False,
        ending=replace(ENDED, conditions=("invalid-from",)),
    ),
    trial(
        CHAT.replace(b"Ay", b"Ay" * 6000),
        is_settled=False,
        ending=replace(ENDED, conditions=("policy-violation",)),
    ),
    trial(
        b"<message id='t1'><!-- --></message>",
        Claim.RESTRICTED,
        is_settled=False,
        ending=replace(ENDED, conditions=("restricted-xml",)),
    ),
    trial(PING.replace(b"</iq>", b"<x xmlns='y'/></iq>"), answers=elements(b"<iq type='error' id='t1'/>")),
    arriving(COMES.replace(b"<body>", b"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@x' id='1'/><body>")),
    arriving(
        COMES.replace(
            b"<body>", b"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@x' id='1'/>" * 2 + b"<body>"
        ).replace(b"message", b"presence")
    ),
    trial(b"<starttls xmlns='x'/>", place=Place.OPEN, is_settled=False, ending=ENDED),
    trial(CHAT.replace(b"chat", b"error")),
]


@pytest.mark.parametrize("name", BREAKS)
def test_a_breach_is_noticed(name: str) -> None:
    one = next(each for each in PROPERTIES if each.name == name)
    assert [index for index, broken in enumerate(BREAKS[name]) if not list(one.causes(broken))] == []


def test_each_property_has_a_breach() -> None:
    assert {one.name for one in PROPERTIES} == set(BREAKS)


@pytest.mark.parametrize("number", range(len(KEEPS)))
def test_what_is_permitted_breaks_nothing(number: int) -> None:
    assert [(one.name, cause) for one in PROPERTIES for cause in one.causes(KEEPS[number])] == []


def test_each_property_has_something_that_keeps_it() -> None:
    assert [one.name for one in PROPERTIES if not any(map(one.concerns, KEEPS))] == []


def test_what_follows_from_no_single_sentence_is_no_must() -> None:
    table = load_requirements()
    derived = [one for one in EVERY_PROPERTY if any(table[name].derived for name in one.requirements)]
    assert {one.level for one in derived} == {Level.SHOULD}


def test_what_servers_only_should_do_is_no_must() -> None:
    table = load_requirements()
    rows = [(one, table[name]) for one in EVERY_PROPERTY for name in one.requirements]
    harsh = [one.name for one, row in rows if row.server is not Level.MUST and one.level is Level.MUST]
    assert harsh == []


def test_numbers_and_names_are_told_apart() -> None:
    names = [one.name for one in EVERY_PROPERTY]
    assert len(set(names)) == len(names)
    assert [one.number for one in EVERY_PROPERTY if not one.number.startswith("P-")] == []
