"""What is against Namespaces in XML, and what is odd but in accordance with it."""

from collections.abc import Callable

from harness.strategies.answers import BAD_NAMESPACE, NO_STANZA
from harness.strategies.octet import Change, Octets, Topic, attribute, child, put, table
from harness.strategies.sample import Claim
from harness.strategies.spots import Role, spots_in
from harness.xmpp.namespaces import STREAM_ERRORS

_XML = b"http://www.w3.org/XML/1998/namespace"
_XMLNS = b"http://www.w3.org/2000/xmlns/"

_BAD: tuple[bytes, ...] = (
    *(
        b"<p:a/>",
        b"<p:a></p:a>",
        b"<a p:b='1'/>",
        b"<a><p:b/></a>",
        b"<a xmlns:p='urn:x'/><p:b/>",
        b"<P:a xmlns:p='urn:x'/>",
    ),
    *(b"<a xmlns:p=''/>", b"<a xmlns:p='urn:x'><b xmlns:p=''/></a>", b"<a xmlns:p=''><p:b/></a>"),
    *(
        b"<a xmlns:xml='urn:x'/>",
        b"<a xmlns:xmlns='urn:x'/>",
        b"<a xmlns:xmlns='%s'/>" % _XMLNS,
        b"<a xmlns:xml=''/>",
    ),
    *(
        b"<a xmlns:p='%s'/>" % _XML,
        b"<a xmlns:p='%s'/>" % _XMLNS,
        b"<a xmlns='%s'/>" % _XML,
        b"<a xmlns='%s'/>" % _XMLNS,
    ),
    *(
        b"<a:b:c/>",
        b"<:a/>",
        b"<a:/>",
        b"<:/>",
        b"<a::b/>",
        b"<a :b='1'/>",
        b"<a b:='1'/>",
        b"<a b:c:d='1'/>",
    ),
    *(b"<a xmlns:='urn:x'/>", b"<a xmlns:p:q='urn:x'/>", b"<p:a xmlns:p='urn:x'></a>"),
    b"<p:a xmlns:p='urn:x' xmlns:q='urn:x'></q:a>",
    b"<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
    b"<a xmlns:p='urn:x'><b xmlns:q='urn:x' p:c='1' q:c='2'/></a>",
    b"<a xmlns:p='urn:x' xmlns:p='urn:y'/>",
    b"<a xmlns='urn:x' xmlns='urn:x'/>",
    b"<p:1a xmlns:p='urn:x'/>",
    b"<p:-a xmlns:p='urn:x'/>",
    b"<1p:a xmlns:p='urn:x'/>",
    b"<p:a xmlns:p='urn:x' p:xmlns:q='urn:y'/>",
)
_BAD_ATTRIBUTES: tuple[bytes, ...] = (
    *(
        b"p:a='1'",
        b"xmlns:p=''",
        b"xmlns:xml='urn:x'",
        b"xmlns:xmlns='urn:x'",
        b"a:b:c='1'",
        b":a='1'",
        b"a:='1'",
    ),
    *(b"xmlns:p='%s'" % _XML, b"xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='1'"),
)
_ODD: dict[str, bytes] = {
    "a prefix": b"<p:a xmlns:p='urn:x'/>",
    "prefixes that hide each other": b"<p:a xmlns:p='urn:x'><p:a xmlns:p='urn:y'><p:a/></p:a></p:a>",
    "a default that is taken back": b"<a xmlns='urn:x'><b xmlns=''><c/></b></a>",
    "no namespace": b"<a xmlns=''/>",
    "the prefix xml declared": b"<a xmlns='urn:x' xmlns:xml='%s' xml:lang='en'/>" % _XML,
    "two prefixes of one namespace": b"<p:a xmlns:p='urn:x' xmlns:q='urn:x'><q:a p:b='1' q:c='2'/></p:a>",
    "the attribute with and without prefix": b"<p:a xmlns:p='urn:x' b='1' p:b='2'/>",
    "default and prefix of one namespace": b"<a xmlns='urn:x' xmlns:p='urn:x' b='1' p:b='2'><p:a/></a>",
    "a declaration that nothing uses": b"<a xmlns='urn:x' xmlns:unused='urn:y'/>",
    "a declaration behind its use": b"<p:a p:b='1' xmlns:p='urn:x'/>",
    "a prefix that begins with xml": b"<xmla:b xmlns:xmla='urn:x'/>",
    "a prefix of Unicode": "<é:a xmlns:é='urn:x'/>".encode(),
    "a prefix with dots": b"<p.q-r:a xmlns:p.q-r='urn:x'/>",
    "attributes of XML": b"<a xmlns='urn:x' xml:lang='de' xml:space='preserve' xml:base='urn:y' xml:id='z'/>",
    "no language": b"<a xmlns='urn:x' xml:lang=''/>",
    "an attribute of jabber:client": b"<a xmlns='urn:x' xmlns:p='jabber:client' p:to='b'/>",
    "an element of the stream's": b"<stream:a/>",
    "a stream error within": b"<stream:error><reset xmlns='%s'/></stream:error>" % STREAM_ERRORS.encode(),
    "a stream within": b"<stream:stream/>",
    "the prefix stream for something else": b"<stream:stream xmlns:stream='urn:x'/>",
    "namespaces that differ in case": b"<a xmlns='urn:x'><b xmlns='urn:X'/><c xmlns='URN:x'/></a>",
    "namespaces that are equivalent": b"<a xmlns='http://example.org/~x'><b xmlns='http://example.org/%7ex'/></a>",
    "a namespace by references": b"<a xmlns='&#117;rn&#x3a;x'/>",
    "a namespace of 1023 octets": b"<a xmlns='urn:" + b"x" * 1019 + b"'/>",
    "a namespace of 1024 octets": b"<a xmlns='urn:" + b"x" * 1020 + b"'/>",
    "a namespace of 4096 octets": b"<a xmlns='urn:" + b"x" * 4092 + b"'/>",
    "a prefix of 1024 octets": b"<%s:a xmlns:%s='urn:x'/>" % (b"p" * 1024, b"p" * 1024),
    "a hundred prefixes": b"<a xmlns='urn:x'"
    + b"".join(b" xmlns:p%d='urn:y%d'" % (n, n) for n in range(100))
    + b"/>",
}
#: Namespaces that are no URI references: no parser has to accept them (Namespaces in XML, 2.1).
_NO_URI: dict[str, bytes] = {
    "a namespace with a line feed": b"<a xmlns='urn:x&#10;y'/>",
    "a namespace with a bar": b"<a xmlns='urn:x|y'/>",
    "a namespace with a blank": b"<a xmlns='urn:x message'/>",
    "a namespace with braces": b"<a xmlns='urn:x}message'/>",
    "a namespace with DEL": b"<a xmlns='urn:x\x7fy'/>",
    "a namespace with a quote": b"<a xmlns='urn:x\"&apos;&lt;&amp;'/>",
    "a namespace of Unicode": "<a xmlns='urn:é\U0001f600'/>".encode(),
    "a namespace with U+FFFD": "<a xmlns='urn:x\ufffdmessage'/>".encode(),
    "a blank namespace": b"<a xmlns=' '/>",
    "a relative namespace": b"<a xmlns='x'/>",
    "a namespace behind a blank": b"<a xmlns=' jabber:client'/>",
    "a namespace before a tab": b"<a xmlns='jabber:client&#9;'/>",
}

_SASL = b"urn:ietf:params:xml:ns:xmpp-sasl"
_TLS = b"urn:ietf:params:xml:ns:xmpp-tls"
#: Elements that have their place elsewhere: before the session, on other streams, from servers.
_OUT_OF_PLACE: dict[str, bytes] = {
    "starttls": b"<starttls xmlns='%s'/>" % _TLS,
    "proceed": b"<proceed xmlns='%s'/>" % _TLS,
    "auth": b"<auth xmlns='%s' mechanism='PLAIN'>AHgAeA==</auth>" % _SASL,
    "auth as another": b"<auth xmlns='%s' mechanism='PLAIN'>AG5vYm9keQBub25l</auth>" % _SASL,
    "a response": b"<response xmlns='%s'/>" % _SASL,
    "an abort": b"<abort xmlns='%s'/>" % _SASL,
    "success": b"<success xmlns='%s'/>" % _SASL,
    "compression": b"<compress xmlns='http://jabber.org/protocol/compress'><method>none</method></compress>",
    "a resumption": b"<resume xmlns='urn:xmpp:sm:3' previd='unknown' h='0'/>",
    "an acknowledgement": b"<a xmlns='urn:xmpp:sm:3' h='4294967295'/>",
    "an acknowledgement of no number": b"<a xmlns='urn:xmpp:sm:3' h='x'/>",
    "resumed": b"<resumed xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
    "a bind without iq": b"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
    "a handshake": b"<handshake xmlns='jabber:component:accept'/>",
    "dialback": b"<db:result xmlns:db='jabber:server:dialback' from='${domain}' to='${domain}'>x</db:result>",
    "framing": b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${domain}' version='1.0'/>",
    "a stanza in upper case": b"<MESSAGE to='${peer}' id='${token}-inner'/>",
    "a stanza within something unknown": b"<x xmlns='urn:x'><message xmlns='jabber:client' to='${peer}' "
    b"id='${token}-inner'><body>${token}-inner</body></message></x>",
}


def _renamed(prefix: bytes, declaration: bytes) -> Change:
    """The stanza with a prefix and a declaration."""

    def apply(data: bytes, _: int) -> bytes | None:
        start, end = spots_in(data)[Role.NAME][0]
        name = data[start:end]
        closing = data.rstrip().rfind(b"</" + name)
        if closing > 0 and spots_in(data)[Role.END_TAG][-1].start == closing:
            data = data[: closing + 2] + prefix + data[closing + 2 :]
        return data[:start] + prefix + name + declaration + data[end:]

    return apply


def _unless_declared(change: Change) -> Callable[[bytes, int], bytes | None]:
    """For a stanza that does not declare its default namespace itself."""

    def apply(data: bytes, number: int) -> bytes | None:
        start, end = spots_in(data)[Role.START_TAG][0]
        return None if b"xmlns=" in data[start:end] else change(data, number)

    return apply


PREFIXES: tuple[Octets, ...] = (
    *table(Topic.NAMESPACES, Claim.ILL_FORMED, BAD_NAMESPACE, [(one.decode(), child(one)) for one in _BAD]),
    *table(
        Topic.NAMESPACES,
        Claim.ILL_FORMED,
        BAD_NAMESPACE,
        [(f"{one.decode()} in a start tag", attribute(one)) for one in _BAD_ATTRIBUTES],
    ),
    *table(
        Topic.NAMESPACES,
        Claim.ILL_FORMED,
        BAD_NAMESPACE,
        [
            ("the stanza with a prefix that is not declared", _renamed(b"p:", b"")),
            ("the stanza with the prefix of nothing", _renamed(b":", b"")),
            ("an element before the stanza with a prefix that is not declared", put(Role.BEFORE, b"<p:a/>")),
        ],
    ),
    *table(Topic.NAMESPACES, Claim.LEGAL, rows=[(name, child(one)) for name, one in _ODD.items()]),
    *table(
        Topic.NAMESPACES,
        Claim.LEGAL,
        BAD_NAMESPACE,
        [(name, child(one)) for name, one in _NO_URI.items()],
    ),
    *table(
        Topic.NAMESPACES,
        Claim.LEGAL,
        rows=[
            ("the stanza with its namespace", _unless_declared(_renamed(b"", b" xmlns='jabber:client'"))),
            ("the stanza with declarations", _renamed(b"", b" xmlns:p='urn:x' xmlns:q='jabber:client'")),
        ],
    ),
    *table(
        Topic.NAMESPACES,
        Claim.LEGAL,
        NO_STANZA,
        [
            ("the stanza with a prefix", _renamed(b"p:", b" xmlns:p='jabber:client'")),
            ("the stanza in another namespace", _unless_declared(_renamed(b"", b" xmlns='urn:x'"))),
            (
                "the stanza in a server's namespace",
                _unless_declared(_renamed(b"", b" xmlns='jabber:server'")),
            ),
            ("the stanza in no namespace", _unless_declared(_renamed(b"", b" xmlns=''"))),
            ("the stanza in the stream's namespace", _renamed(b"stream:", b"")),
            ("the stanza in another namespace with a prefix", _renamed(b"p:", b" xmlns:p='urn:x'")),
            ("an element of another namespace", put(Role.BEFORE, b"<a xmlns='urn:x'/>")),
            ("an unknown element", put(Role.BEFORE, b"<unknown/>")),
            ("a stream within the stream", put(Role.BEFORE, b"<stream:stream/>")),
            ("features from a client", put(Role.BEFORE, b"<stream:features/>")),
            *(
                (f"{name} in a session", put(Role.BEFORE, construct))
                for name, construct in _OUT_OF_PLACE.items()
            ),
        ],
    ),
)
