"""Each property of clients is broken by what breaks it, and is kept by what is permitted."""

from dataclasses import replace

import pytest

from harness.catalogue.requirements import load_requirements
from harness.fuzz.clients.properties import CLIENT_PROPERTIES
from harness.fuzz.trial import Conduct, Ending, Trial, read_as_sent
from harness.play.hosted import Fence
from harness.results.verdicts import Level
from harness.strategies.client_families import CLIENT_FAMILIES
from harness.strategies.families import MESSAGE, Family, derived
from harness.strategies.hostile import BY_OWN, BY_STRANGER
from harness.strategies.offers import (
    EXTENSION,
    NO_BASE64,
    NO_CHALLENGE,
    NO_SIGNATURE,
    OTHER_NONCE,
    WRONG_SIGNATURE,
)
from harness.strategies.sample import Claim, Harm, Moment, Place, Sample
from harness.wire.driver import Report
from harness.wire.events import ElementReceived

SASL = b"xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
CHAT = b"<message from='juliet@x/b' to='romeo@x/a' id='t1' type='chat'><body>Ay me!</body></message>"
COPY = b"<message from='mallory@y' id='t1'><received xmlns='urn:xmpp:carbons:2'/></message>"
ILL = b"<message id='t1'><body></message>"
COMMENT = b"<message id='t1'><!-- --></message>"
FEATURES = b"<features/>"
PROCEED = b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><features/>"
ENDED = Ending(conditions=("not-well-formed",), errors=1, closing_tags=1)
BARE = Ending(is_gone=True)
RESULT = b"<iq type='result' id='t1'/>"
PLAIN = b"<auth mechanism='PLAIN' %s>AHIAcA==</auth>" % SASL
SCRAM = PLAIN.replace(b"PLAIN", b"SCRAM-SHA-1")
OLD = b"<iq type='set' id='1'><query xmlns='jabber:iq:auth'><password>p</password></query></iq>"


def elements(*texts: bytes) -> tuple[ElementReceived, ...]:
    return read_as_sent(b"".join(texts))[1]


def told(event: str, **values: object) -> Conduct:
    return Conduct(reports=(Report(event=event, values=values),))


def trial(data: bytes = CHAT, claim: Claim = Claim.LEGAL, **changes: object) -> Trial:
    names = ("place", "conditions", "harms", "moment", "labels", "family")
    given = {name: changes.pop(name) for name in names if name in changes}
    sample = Sample(**({"family": "valid", "data": data, "claim": claim} | given))
    reading, sent = read_as_sent(data)
    usual = Trial(
        sample=sample, token="t1", data=data, reading=reading, sent=sent, peer="romeo@x/a", domain="x"
    )
    return replace(usual, **({"is_settled": claim is Claim.LEGAL} | changes))


def harmful(harm: Harm, label: str = BY_STRANGER, data: bytes = CHAT, **changes: object) -> Trial:
    given = {"family": "forgeries", "harms": frozenset({harm}), "labels": (label,)} | changes
    return trial(data, **given)


def early(harm: Harm, moment: Moment, data: bytes = FEATURES, **changes: object) -> Trial:
    usual = {"family": "negotiation", "place": Place.OPEN, "moment": moment, "is_settled": False}
    return harmful(harm, "a label", data, **(usual | changes))


def deceived(label: str) -> Trial:
    return early(Harm.LOGIN, Moment.LOGIN, b"", conduct=told("connected", jid="r@x/a"), labels=(label,))


def refusing(label: str) -> Trial:
    return replace(deceived(label), conduct=told("error", condition="not-authorized"))


DECEITS = (WRONG_SIGNATURE, NO_SIGNATURE, NO_CHALLENGE, OTHER_NONCE, EXTENSION, NO_BASE64)
INNER = told("message", **{"from": "juliet@x", "body": "t1-inner"})
HONEST = told("message", **{"from": "mallory@y", "body": "t1-inner"})
TAKEN = told("contact", jid="t1@evil.example")
BREAKS = {
    "client-survives": [trial(conduct=Conduct(crash="crashed: SIGSEGV"))],
    "ill-formed-ends-the-stream": [
        trial(ILL, Claim.ILL_FORMED),
        trial(ILL, Claim.ILL_FORMED, is_settled=True),
    ],
    "restricted-ends-the-stream": [
        trial(COMMENT, Claim.RESTRICTED),
        trial(COMMENT, Claim.RESTRICTED, is_settled=True),
    ],
    "end-explained": [trial(ILL, Claim.ILL_FORMED, ending=BARE)],
    "condition-fits": [
        trial(
            ILL,
            Claim.ILL_FORMED,
            conditions=frozenset({"not-well-formed"}),
            ending=replace(ENDED, conditions=("reset",)),
        )
    ],
    "valid-accepted": [trial(is_settled=False), trial(is_settled=False, ending=ENDED)],
    "unknown-survived": [
        trial(is_settled=False, family="stanza"),
        trial(is_settled=False, family="ns", ending=BARE),
        trial(is_settled=False, family="management", ending=BARE, labels=("a request with more",)),
    ],
    "comes-back-slowly": [harmful(Harm.LOOP, conduct=Conduct(returns=5))],
    "forged-push-ignored": [
        harmful(Harm.CONTACT, conduct=TAKEN),
        harmful(Harm.CONTACT, answers=elements(RESULT)),
    ],
    "push-of-own-address-ignored": [harmful(Harm.OWN_CONTACT, BY_OWN, answers=elements(RESULT))],
    "answer-of-others-ignored": [
        harmful(Harm.ANSWER, moment=Moment.VERSION, conduct=told("version", name="t1")),
        harmful(Harm.ANSWER, moment=Moment.DISCO, conduct=told("disco", features=["t1"])),
        harmful(Harm.ANSWER, moment=Moment.PING, conduct=told("pong", jid="juliet@x")),
        harmful(Harm.ANSWER, moment=Moment.ROSTER, conduct=told("roster", items=[{"jid": "t1@evil"}])),
    ],
    "forged-copy-ignored": [harmful(Harm.COPY, "a copy by a stranger", COPY, conduct=INNER)],
    "forged-archive-ignored": [harmful(Harm.ARCHIVED, "an archived message", COPY, conduct=INNER)],
    "forwarded-stays-within": [harmful(Harm.FORWARDED, "a forwarded message", COPY, conduct=INNER)],
    "nested-errors-mean-nothing": [harmful(Harm.END, is_settled=False, ending=ENDED)],
    "no-password-before-tls": [
        early(Harm.SECRET, Moment.FEATURES, replies=elements(PLAIN)),
        early(Harm.SECRET, Moment.LOGIN, b"", replies=elements(OLD)),
    ],
    "no-login-before-tls": [early(Harm.SECRET, Moment.FEATURES, replies=elements(SCRAM))],
    "clear-bytes-forgotten": [early(Harm.SECRET, Moment.PROCEED, PROCEED, replies=elements(SCRAM))],
    "server-proves-itself": [
        deceived("a wrong signature with SCRAM-SHA-1"),
        replace(deceived("a wrong signature"), conduct=Conduct(tells=False, is_bound=True)),
    ],
    "early-success-refused": [
        deceived("no signature with SCRAM-SHA-1"),
        deceived("success without a challenge"),
    ],
    "bare-success-refused": [early(Harm.RESTART, Moment.CHALLENGE, conduct=Conduct(headers=3))],
    "foreign-nonce-refused": [
        early(Harm.PROOF, Moment.CHALLENGE, replies=elements(b"<response %s>Yz1i</response>" % SASL)),
        deceived("a nonce not extended with SCRAM-SHA-1"),
    ],
    "extension-refused": [deceived("an extension demanded")],
    "base64-is-strict": [deceived("a garbled challenge")],
    "counts-are-true": [trial(family="management", conduct=Conduct(counted="a count is no number"))],
    "unasked-roster-ignored": [harmful(Harm.ROSTER, conduct=TAKEN)],
}
KEEPS = [
    trial(),
    trial(ILL, Claim.ILL_FORMED, ending=ENDED),
    trial(COMMENT, Claim.RESTRICTED, ending=replace(ENDED, conditions=("restricted-xml",))),
    trial(family="stanza", is_settled=False, ending=ENDED, conditions=frozenset({"not-well-formed"})),
    trial(is_settled=False, ending=ENDED, conduct=Conduct(fence=Fence.NONE)),
    trial(is_settled=False, ending=Ending(is_illegible=True)),
    trial(is_settled=False, family="management", ending=BARE, labels=("no count",)),
    trial(b"<message id='t1'><!-- ", Claim.RESTRICTED),
    harmful(Harm.LOOP, is_settled=False, ending=ENDED, conduct=Conduct(returns=2)),
    harmful(Harm.CONTACT, answers=elements(RESULT.replace(b"result", b"error"))),
    harmful(Harm.CONTACT, conduct=told("contact", jid="nurse@x")),
    harmful(Harm.COPY, "a copy by a stranger", COPY, conduct=HONEST),
    harmful(Harm.ANSWER, moment=Moment.VERSION, conduct=told("error", condition="t1")),
    harmful(Harm.END),
    early(Harm.SECRET, Moment.FEATURES, ending=ENDED),
    early(Harm.LOGIN, Moment.LOGIN, b"", conduct=told("error", condition="not-authorized")),
    early(
        Harm.PROOF,
        Moment.CHALLENGE,
        replies=elements(b"<abort %s/>" % SASL, b"<response %s>=</response>" % SASL),
    ),
    early(Harm.RESTART, Moment.CHALLENGE, conduct=Conduct(headers=2)),
    trial(ILL, Claim.ILL_FORMED, ending=ENDED, conditions=frozenset({"not-well-formed"})),
    harmful(Harm.OWN_CONTACT, BY_OWN, answers=elements(RESULT.replace(b"result", b"error"))),
    harmful(Harm.ARCHIVED, "an archived message", COPY, conduct=HONEST),
    harmful(Harm.FORWARDED, "a forwarded message", COPY, conduct=HONEST),
    harmful(Harm.ROSTER, conduct=told("contact", jid="nurse@x")),
    early(Harm.SECRET, Moment.PROCEED, PROCEED, ending=ENDED),
    *map(refusing, DECEITS),
    *(replace(deceived(one), conduct=Conduct(tells=False)) for one in DECEITS),
    trial(family="management", conduct=Conduct(counted="")),
]


@pytest.mark.parametrize("name", BREAKS)
def test_a_breach_is_noticed(name: str) -> None:
    one = next(each for each in CLIENT_PROPERTIES if each.name == name)
    assert [index for index, broken in enumerate(BREAKS[name]) if not list(one.causes(broken))] == []


def test_each_property_has_a_breach() -> None:
    assert {one.name for one in CLIENT_PROPERTIES} == set(BREAKS)


@pytest.mark.parametrize("number", range(len(KEEPS)))
def test_what_is_permitted_breaks_nothing(number: int) -> None:
    assert [(one.name, cause) for one in CLIENT_PROPERTIES for cause in one.causes(KEEPS[number])] == []


def test_each_property_has_something_that_keeps_it() -> None:
    assert [one.name for one in CLIENT_PROPERTIES if not any(map(one.concerns, KEEPS))] == []


TOLD_ONLY = (Harm.ANSWER, Harm.COPY, Harm.ARCHIVED, Harm.FORWARDED, Harm.ROSTER)


@pytest.mark.parametrize("harm", TOLD_ONLY)
def test_nothing_is_judged_that_only_a_driver_could_tell(harm: Harm) -> None:
    untold = harmful(harm, data=COPY, conduct=Conduct(tells=False))
    judged = {one.name for one in CLIENT_PROPERTIES if one.concerns(untold)}
    assert judged == {"client-survives", "valid-accepted"}


def test_each_property_has_something_that_is_sent() -> None:
    sent = [derived(family, MESSAGE.make(0), number) for family in _families() for number in family.numbers]
    trials = [_ended(sample) for sample in sent]
    assert [one.name for one in CLIENT_PROPERTIES if not any(map(one.concerns, trials))] == []


@pytest.mark.parametrize("harm", Harm)
def test_every_harm_is_some_property_s_matter(harm: Harm) -> None:
    samples = [
        sample
        for family in _families()
        for number in [*family.numbers][:300]
        if harm in (sample := derived(family, MESSAGE.make(0), number)).harms
    ]
    assert any(
        one.concerns(_ended(sample)) and not one.concerns(_ended(replace(sample, harms=frozenset())))
        for sample in samples
        for one in CLIENT_PROPERTIES
    )


def _families() -> list[Family]:
    return [family for family in CLIENT_FAMILIES.values() if family.name not in ("size", "bombs")]


def _ended(sample: Sample) -> Trial:
    reading, sent = read_as_sent(sample.data, has_header=sample.place is not Place.HEADER)
    return Trial(sample=sample, token="t1", data=sample.data, reading=reading, sent=sent, ending=ENDED)


def test_what_follows_from_no_single_sentence_is_no_must() -> None:
    table = load_requirements()
    rows = [(one, table[name]) for one in CLIENT_PROPERTIES for name in one.requirements]
    soft = {one.name: one.level for one, row in rows if row.derived or row.client is Level.SHOULD}
    assert set(soft.values()) == {Level.SHOULD}
