"""What a server may say to a client that wants to log in, above all where TLS is required."""

import base64
from collections.abc import Iterator
from dataclasses import replace

from harness.strategies.choices import Choices
from harness.strategies.sample import Claim, Element, Harm, Moment, Place, Sample

_SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
_STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
_HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='${domain}' id='${token}' version='1.0' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)
_LEGACY = "<auth xmlns='http://jabber.org/features/iq-auth'/>"
_BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
_CAPS = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:x' ver='x'/>"

#: How a client is deceived that takes the login for done, as labels tell it.
WRONG_SIGNATURE, NO_SIGNATURE = "a wrong signature", "no signature"
NO_CHALLENGE, NO_BASE64 = "success without a challenge", "a garbled challenge"
EXTENSION, OTHER_NONCE = "an extension demanded", "a nonce not extended"

#: With this term no script is for clients that know no TLS, or have it before there is a stream.
_NO_TLS = "tls none"


def _mechanisms(*names: str) -> str:
    return f"<mechanisms {_SASL}>{''.join(f'<mechanism>{name}</mechanism>' for name in names)}</mechanisms>"


def _features(*children: str) -> str:
    return f"<stream:features>{''.join(children)}</stream:features>"


#: Lists of mechanisms, plain and odd.
_LISTS = {
    "PLAIN": _mechanisms("PLAIN"),
    "SCRAM and PLAIN": _mechanisms("SCRAM-SHA-1", "PLAIN"),
    "PLAIN twice": _mechanisms("PLAIN", "PLAIN"),
    "an empty mechanism and PLAIN": _mechanisms("", "PLAIN"),
    "an unknown mechanism and PLAIN": _mechanisms("X-UNKNOWN", "PLAIN"),
    "PLAIN in white space": _mechanisms(" PLAIN "),
    "two lists": _mechanisms("X-UNKNOWN") + _mechanisms("PLAIN"),
    "EXTERNAL and PLAIN": _mechanisms("EXTERNAL", "PLAIN"),
    "many mechanisms": _mechanisms(*(f"X-{number}" for number in range(200)), "PLAIN"),
    "the old login": _LEGACY,
    "the old login and PLAIN": _LEGACY + _mechanisms("PLAIN"),
    "no mechanism": _mechanisms(),
}


def _sample(moment: Moment, name: str, data: str, harm: Harm, *terms: str) -> Sample:
    return Sample(
        family="negotiation",
        data=data.encode(),
        claim=Claim.LEGAL,
        place=Place.OPEN,
        labels=(name,),
        moment=moment,
        terms=terms,
        harms=frozenset({harm}),
    )


def _withheld() -> Iterator[Sample]:
    """TLS is not offered, or is taken out of what the server offers."""
    for mechanisms in ("PLAIN", "SCRAM-SHA-1 PLAIN", "SCRAM-SHA-256", "X-UNKNOWN PLAIN PLAIN"):
        name = f"TLS withheld with {mechanisms}"
        yield _sample(Moment.LOGIN, name, "", Harm.SECRET, _NO_TLS, f"mechanisms {mechanisms}")
    yield _sample(Moment.LOGIN, "TLS withheld with the old login", "", Harm.SECRET, _NO_TLS, "legacy")
    for name, offer in _LISTS.items():
        title = f"features without TLS: {name}"
        yield _sample(Moment.FEATURES, title, _features(offer), Harm.SECRET, _NO_TLS)
        more = _features(_CAPS, offer, _BIND)
        yield _sample(Moment.FEATURES, f"{title}, and more", more, Harm.SECRET, _NO_TLS)
    plain = _mechanisms("PLAIN")
    odd = {
        "no features": _features(),
        "features twice": _features() + _features(plain),
        "features twice with TLS first": _features(_STARTTLS) + _features(plain),
        "TLS of another namespace": _features("<starttls xmlns='urn:x'/>", plain),
        "TLS in something else": _features(f"<x xmlns='urn:x'>{_STARTTLS}</x>", plain),
        "features in a message": f"<message>{_features(plain)}</message>{_features(plain)}",
        "a success at once": f"{_features(plain)}<success {_SASL}/>",
        "a binding at once": f"{_features(_BIND)}<iq type='result' id='bind'/>",
    }
    for name, data in odd.items():
        yield _sample(Moment.FEATURES, name, data, Harm.SECRET, _NO_TLS)


def _behind_proceed() -> Iterator[Sample]:
    """What answers the request for TLS, and what stands behind it in the clear."""
    proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    plain = _features(_mechanisms("PLAIN"))
    answers = {
        "proceed with a stream behind it": proceed + _HEADER + plain,
        "proceed with features behind it": proceed + plain,
        "proceed with white space and a stream behind it": f"{proceed}\n\n{_HEADER}{plain}",
        "proceed with success behind it": f"{proceed}{_HEADER}<success {_SASL}/>{_HEADER}{_features(_BIND)}",
        "proceed twice": proceed + proceed + plain,
        "features instead of proceed": plain,
        "a stream instead of proceed": _HEADER + plain,
        "a success instead of proceed": f"<success {_SASL}/>{plain}",
        "a failure and features": f"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>{plain}",
        "proceed of another namespace": f"<x:proceed xmlns:x='urn:x'/>{plain}",
        "a message instead of proceed": f"<message from='${{domain}}'><body>x</body></message>{plain}",
    }
    for name, data in answers.items():
        yield _sample(Moment.PROCEED, name, data, Harm.SECRET)


def _challenge(text: str) -> str:
    return f"<challenge {_SASL}>{base64.b64encode(text.encode()).decode()}</challenge>"


_SALT = "s=QSXCR+Q6sek8bkei"
_FOREIGN = {
    "a foreign nonce": f"r=somebody-elses,{_SALT},i=4096",
    "a nonce of one character": f"r=x,{_SALT},i=4096",
    "an empty nonce": f"r=,{_SALT},i=4096",
    "no nonce": f"{_SALT},i=4096",
    "a foreign nonce and a count of 1": f"r=somebody-elses,{_SALT},i=1",
    "a foreign nonce and a count of 0": f"r=somebody-elses,{_SALT},i=0",
    "a foreign nonce and a count below 0": f"r=somebody-elses,{_SALT},i=-1",
    "a foreign nonce and a count of no digits": f"r=somebody-elses,{_SALT},i=x",
    "a foreign nonce and an enormous count": f"r=somebody-elses,{_SALT},i=99999999999999999999",
    "a foreign nonce and no salt": "r=somebody-elses,i=4096",
    "a foreign nonce and a salt of no base64": "r=somebody-elses,s=*,i=4096",
    "an order of its own": f"i=4096,{_SALT},r=somebody-elses",
    "an extension that must be known": f"m=x,r=somebody-elses,{_SALT},i=4096",
    "an empty challenge": "",
    "commas": ",,,,",
    "no equals sign": "r",
    "a long challenge": f"r={'x' * 6000},{_SALT},i=4096",
}


def _hostile_sasl() -> Iterator[Sample]:
    """Servers that do not know the password, or do not care."""
    for name, text in _FOREIGN.items():
        yield _sample(Moment.CHALLENGE, name, _challenge(text), Harm.PROOF)
    yield _sample(
        Moment.CHALLENGE, "a challenge of no base64", f"<challenge {_SASL}>*</challenge>", Harm.PROOF
    )
    verifier = base64.b64encode(b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=").decode()
    for name, data in (("nothing", ""), ("a signature", verifier), ("an equals sign", "=")):
        yield _sample(
            Moment.CHALLENGE, f"success with {name}", f"<success {_SASL}>{data}</success>", Harm.RESTART
        )
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
        offered = f"mechanisms {mechanism}"
        for name, term in (
            (WRONG_SIGNATURE, "fault scram-wrong-server-signature"),
            (NO_SIGNATURE, "fault scram-without-server-signature"),
            (NO_CHALLENGE, "challenge left-out"),
            (NO_BASE64, "challenge garbled"),
            (EXTENSION, "challenge demanding"),
            (OTHER_NONCE, "fault scram-nonce-not-extended"),
        ):
            yield _sample(Moment.LOGIN, f"{name} with {mechanism}", "", Harm.LOGIN, term, offered)


_ROWS = (*_withheld(), *_behind_proceed(), *_hostile_sasl())
_ORDER = 101  # no divisor of their number: neighbours are of different kinds
NEGOTIATIONS = len(_ROWS)


def negotiated(_: Element, number: int) -> Sample:
    """One way of leading a client astray; other numbers cut it into pieces."""
    choices = Choices(number)
    sample = _ROWS[choices.below(len(_ROWS)) * _ORDER % len(_ROWS)]
    size = len(sample.data)
    if not choices.rest or not size:
        return sample
    cuts = {1 + choices.below(size) for _ in range(1 + choices.below(4))}
    return replace(sample, cuts=tuple(sorted(cuts - {size})))
