"""What is sent behind a stream header, before anything has been negotiated."""

from harness.strategies.answers import (
    BAD_ENCODING,
    BAD_NAMESPACE,
    NO_ELEMENT,
    NO_STANZA,
    NOT_WELL_FORMED,
    NOT_YET,
    RESTRICTED,
)
from harness.strategies.choices import Choices
from harness.strategies.opening import DECLARATION, Opening, header, ill, restricted, row
from harness.strategies.sample import Place, Sample

_TLS = "urn:ietf:params:xml:ns:xmpp-tls"
_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
_SASL2 = "urn:xmpp:sasl:2"
_COMPRESS = "http://jabber.org/protocol/compress"
_BIND = "urn:ietf:params:xml:ns:xmpp-bind"
_SM = "urn:xmpp:sm:3"
_MESSAGE = "<message to='${peer}' id='${token}'><body>${token}</body></message>"
_IQ = "<iq type='{type}' id='${{token}}'{to}>{payload}</iq>"
#: RFC 6120, 5.4 and 6.4: what is out of its turn; mostly a failure in its own namespace answers it.
_OUT_OF_TURN = NOT_YET | NO_STANZA | NO_ELEMENT


def _get(payload: str, to: str = "", type: str = "get") -> str:
    return _IQ.format(type=type, to=f" to='{to}'" if to else "", payload=payload)


_UNAUTHENTICATED: tuple[Opening, ...] = tuple(
    row(name, data, NOT_YET)
    for name, data in (
        ("a message", _MESSAGE),
        ("a message with our from", _MESSAGE.replace(" to=", " from='${me}' to=")),
        ("a message with the peer's from", _MESSAGE.replace(" to=", " from='${peer}' to=")),
        ("a message with the server's from", _MESSAGE.replace(" to=", " from='${domain}' to=")),
        ("a message to a full address", _MESSAGE.replace("'${peer}'", '"${peer\'s JID}"')),
        ("a message to nobody", "<message id='${token}'><body>hello</body></message>"),
        ("a message in its namespace", _MESSAGE.replace("<message", "<message xmlns='jabber:client'")),
        ("presence", "<presence id='${token}'/>"),
        ("directed presence", "<presence to='${peer}' id='${token}'/>"),
        ("a subscription", "<presence to='${peer}' type='subscribe' id='${token}'/>"),
        (
            "an entrance into a room",
            "<presence to='${token}@${muc}/nick' id='${token}'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
        ),
        ("a ping", _get("<ping xmlns='urn:xmpp:ping'/>")),
        ("a ping to the server", _get("<ping xmlns='urn:xmpp:ping'/>", "${domain}")),
        ("a ping to the peer", _get("<ping xmlns='urn:xmpp:ping'/>", "${peer}")),
        ("a roster", _get("<query xmlns='jabber:iq:roster'/>")),
        (
            "features of the server",
            _get("<query xmlns='http://jabber.org/protocol/disco#info'/>", "${domain}"),
        ),
        ("items of the server", _get("<query xmlns='http://jabber.org/protocol/disco#items'/>", "${domain}")),
        ("a version", _get("<query xmlns='jabber:iq:version'/>", "${domain}")),
        ("a card", _get("<vCard xmlns='vcard-temp'/>", "${peer}")),
        (
            "private data",
            _get("<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>"),
        ),
        ("a binding", _get(f"<bind xmlns='{_BIND}'><resource>${{token}}</resource></bind>", type="set")),
        ("a session", _get("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>", type="set")),
        ("a request without id", "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>"),
        ("an answer", "<iq type='result' id='${token}'/>"),
        ("an error", "<message type='error' to='${peer}' id='${token}'/>"),
        ("an empty iq", "<iq/>"),
        ("an empty message", "<message/>"),
    )
)
_LOGIN: tuple[Opening, ...] = tuple(
    row(name, data, _OUT_OF_TURN)
    for name, data in (
        # registration and authentication of old are no stream features in the sense of the RFC
        (
            "fields of the old authentication",
            _get("<query xmlns='jabber:iq:auth'><username>x</username></query>"),
        ),
        ("fields of the registration", _get("<query xmlns='jabber:iq:register'/>")),
        ("starttls in another namespace", "<starttls xmlns='urn:example'/>"),
        ("starttls in jabber:client", "<starttls/>"),
        ("starttls in no namespace", "<starttls xmlns=''/>"),
        ("starttls in the namespace of SASL", f"<starttls xmlns='{_SASL}'/>"),
        ("proceed", f"<proceed xmlns='{_TLS}'/>"),
        ("failure of TLS", f"<failure xmlns='{_TLS}'/>"),
        ("something else of TLS", f"<unknown xmlns='{_TLS}'/>"),
        ("starttls in a stanza", f"<iq type='set' id='${{token}}'><starttls xmlns='{_TLS}'/></iq>"),
        ("auth in another namespace", "<auth xmlns='urn:example' mechanism='PLAIN'>AHgAeA==</auth>"),
        ("auth in jabber:client", "<auth mechanism='PLAIN'>AHgAeA==</auth>"),
        ("auth in the namespace of TLS", f"<auth xmlns='{_TLS}' mechanism='PLAIN'>AHgAeA==</auth>"),
        ("response", f"<response xmlns='{_SASL}'>AHgAeA==</response>"),
        ("empty response", f"<response xmlns='{_SASL}'/>"),
        ("abort", f"<abort xmlns='{_SASL}'/>"),
        ("challenge", f"<challenge xmlns='{_SASL}'>AHgAeA==</challenge>"),
        ("success", f"<success xmlns='{_SASL}'/>"),
        ("success, and a message", f"<success xmlns='{_SASL}'/>" + _MESSAGE),
        ("failure", f"<failure xmlns='{_SASL}'><not-authorized/></failure>"),
        ("something else of SASL", f"<unknown xmlns='{_SASL}'/>"),
        ("abort and response", f"<abort xmlns='{_SASL}'/><response xmlns='{_SASL}'/>"),
        (
            "the other SASL",
            f"<authenticate xmlns='{_SASL2}' mechanism='PLAIN'>"
            "<initial-response>AHgAeA==</initial-response></authenticate>",
        ),
        ("the other SASL without mechanism", f"<authenticate xmlns='{_SASL2}'/>"),
        ("compression", f"<compress xmlns='{_COMPRESS}'><method>zlib</method></compress>"),
        ("compression without method", f"<compress xmlns='{_COMPRESS}'/>"),
        ("unknown compression", f"<compress xmlns='{_COMPRESS}'><method>unknown</method></compress>"),
        ("compressed", f"<compressed xmlns='{_COMPRESS}'/>"),
        ("stream management", f"<enable xmlns='{_SM}' resume='true'/>"),
        ("resumption", f"<resume xmlns='{_SM}' previd='${{token}}' h='0'/>"),
        ("acknowledgement", f"<a xmlns='{_SM}' h='4294967295'/>"),
        ("request for acknowledgement", f"<r xmlns='{_SM}'/>"),
        ("inactivity", "<inactive xmlns='urn:xmpp:csi:0'/>"),
        (
            "dialback",
            "<db:result xmlns:db='jabber:server:dialback' from='${domain}' to='${domain}'>x</db:result>",
        ),
        (
            "verification",
            "<db:verify xmlns:db='jabber:server:dialback' from='a' to='b' id='c' type='valid'/>",
        ),
        ("handshake", "<handshake xmlns='jabber:component:accept'>" + "0" * 40 + "</handshake>"),
        ("features", "<stream:features/>"),
        (
            "a stream error",
            "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
        ),
        ("bind alone", f"<bind xmlns='{_BIND}'/>"),
        ("an unknown element", "<unknown xmlns='urn:example'/>"),
        ("an unknown element of the content", "<unknown/>"),
        ("text", "hello"),
        ("a header once more", header(declaration="") + "</stream:stream>"),
        ("a header for another domain", header(to="to='other.example'", declaration="") + "</stream:stream>"),
        ("white space", " \n\t "),
        ("much white space", " " * 4096),
    )
)
_AUTHENTICATION: tuple[Opening, ...] = tuple(
    row(
        f"auth: {name}",
        f"<auth xmlns='{_SASL}'{attributes}>{content}</auth>",
        _OUT_OF_TURN | {"policy-violation"},
    )
    for name, attributes, content in (
        ("no mechanism", "", "AHgAeA=="),
        ("empty mechanism", " mechanism=''", ""),
        ("unknown mechanism", " mechanism='UNKNOWN'", "AHgAeA=="),
        ("mechanism in lower case", " mechanism='plain'", "AHgAeA=="),
        ("mechanism with blanks", " mechanism=' PLAIN '", "AHgAeA=="),
        ("long mechanism", f" mechanism='{'X' * 4096}'", ""),
        ("mechanism of Unicode", " mechanism='PLÄIN'", ""),
        ("external", " mechanism='EXTERNAL'", "="),
        ("external with an identity", " mechanism='EXTERNAL'", "YUBleGFtcGxlLm9yZw=="),
        ("login", " mechanism='LOGIN'", ""),
        ("digest", " mechanism='DIGEST-MD5'", ""),
        ("oauth", " mechanism='OAUTHBEARER'", "biwBAQ=="),
        ("plain with nothing", " mechanism='PLAIN'", ""),
        ("plain with an equals sign", " mechanism='PLAIN'", "="),
        ("plain with two equals signs", " mechanism='PLAIN'", "=="),
        ("plain that is no base64", " mechanism='PLAIN'", "!!!!"),
        ("plain with blanks", " mechanism='PLAIN'", " AHgAeA== "),
        ("plain with lines", " mechanism='PLAIN'", "AHgA\neA=="),
        ("plain without padding", " mechanism='PLAIN'", "AHgAeA"),
        ("plain with bits in the padding", " mechanism='PLAIN'", "AHgAeB=="),
        ("plain with more behind the padding", " mechanism='PLAIN'", "AHgAeA==AHgAeA=="),
        ("plain without NUL", " mechanism='PLAIN'", "eHg="),
        ("plain with one NUL", " mechanism='PLAIN'", "eAB4"),
        ("plain with three NULs", " mechanism='PLAIN'", "AHgAeAB4"),
        ("plain with NULs only", " mechanism='PLAIN'", "AAAA"),
        ("plain with no UTF-8", " mechanism='PLAIN'", "AP//AP//"),
        ("plain of nobody", " mechanism='PLAIN'", "AG5vYm9keQBub25l"),
        ("plain of a slash", " mechanism='PLAIN'", "AGEvYgBj"),
        ("plain of an address", " mechanism='PLAIN'", "AGFAYgBj"),
        ("plain of very much", " mechanism='PLAIN'", "AHh4" * 2000),
        ("scram of nothing", " mechanism='SCRAM-SHA-1'", ""),
        ("scram that is no base64", " mechanism='SCRAM-SHA-1'", "n,,n=a,r=b"),
        ("scram without a name", " mechanism='SCRAM-SHA-1'", "biwscj1i"),
        ("scram with an empty name", " mechanism='SCRAM-SHA-1'", "biwsbj0scj1i"),
        ("scram without a nonce", " mechanism='SCRAM-SHA-1'", "biwsbj1hLHI9"),
        ("scram with an extension", " mechanism='SCRAM-SHA-1'", "biwsbT14LG49YSxyPWI="),
        ("scram with binding", " mechanism='SCRAM-SHA-1'", "cD10bHMtdW5pcXVlLCxuPWEscj1i"),
        ("scram with an unknown escape", " mechanism='SCRAM-SHA-1'", "biwsbj09NDEscj1i"),
        ("scram with binding that is not offered", " mechanism='SCRAM-SHA-1-PLUS'", "biwsbj1hLHI9Yg=="),
        ("children", " mechanism='PLAIN'", "<a/>AHgAeA=="),
        (
            "a stanza within",
            " mechanism='PLAIN'",
            "<message xmlns='jabber:client' to='${peer}' id='${token}-inner'/>",
        ),
        ("a section", " mechanism='PLAIN'", "<![CDATA[AHgAeA==]]>"),
        ("unknown attributes", " mechanism='UNKNOWN' x='y'", ""),
    )
)
_SEQUENCES: tuple[Opening, ...] = tuple(
    row(name, data, _OUT_OF_TURN)
    for name, data in (
        ("auth twice", f"<auth xmlns='{_SASL}' mechanism='PLAIN'/>" * 2),
        ("auth many times", f"<auth xmlns='{_SASL}' mechanism='UNKNOWN'/>" * 12),
        ("auth and abort", f"<auth xmlns='{_SASL}' mechanism='SCRAM-SHA-1'/><abort xmlns='{_SASL}'/>"),
        ("auth and a message", f"<auth xmlns='{_SASL}' mechanism='PLAIN'>AHgAeA==</auth>" + _MESSAGE),
        (
            "auth and a header",
            f"<auth xmlns='{_SASL}' mechanism='PLAIN'>AHgAeA==</auth>"
            + header(declaration="")
            + "</stream:stream>",
        ),
        (
            "auth within auth",
            f"<auth xmlns='{_SASL}' mechanism='PLAIN'><auth xmlns='{_SASL}' mechanism='PLAIN'/></auth>",
        ),
        ("a message, many times", _MESSAGE * 8),
        ("an element and a message", "<unknown xmlns='urn:example'/>" + _MESSAGE),
        (
            "a message within an element",
            f"<unknown xmlns='urn:example'>{_MESSAGE.replace('${token}', '${token}-inner')}</unknown>",
        ),
        ("a message of 8 kilobytes", _MESSAGE.replace("<body>", "<body>" + "x" * 8192)),
        ("a deep element", "<a xmlns='urn:example'>" * 200 + "</a>" * 200),
        ("many attributes", "<a xmlns='urn:example'" + "".join(f" a{one}=''" for one in range(500)) + "/>"),
    )
)
_BROKEN: tuple[Opening, ...] = (
    ill("a broken message", _MESSAGE.replace("</body>", "")),
    ill("a broken tag", "<auth"),
    ill("no UTF-8", b"<message><body>\xc0\x80</body></message>", BAD_ENCODING),
    ill("a control character", b"<message><body>\x01</body></message>"),
    ill("a reference to NUL", "<message><body>&#0;</body></message>"),
    ill("a prefix that is not declared", "<p:auth/>", BAD_NAMESPACE),
    ill("an end tag", "</auth>"),
    ill("</>", "</>"),
    ill("an unknown entity", "<a>&unknown;</a>", NOT_WELL_FORMED | RESTRICTED),
    ill("a declaration", DECLARATION, NOT_WELL_FORMED | RESTRICTED),
    ill("a header with a declaration", header(), NOT_WELL_FORMED | RESTRICTED | NO_ELEMENT | NO_STANZA),
    ill("a document type", "<!DOCTYPE a [<!ENTITY b 'c'>]>", NOT_WELL_FORMED | RESTRICTED),
    ill(
        "an auth with an entity",
        f"<auth xmlns='{_SASL}' mechanism='PLAIN'>&unknown;</auth>",
        NOT_WELL_FORMED | RESTRICTED,
    ),
    ill("an auth with a broken attribute", f"<auth xmlns='{_SASL}' mechanism=PLAIN/>"),
    ill("more behind the end", "</stream:stream>" + _MESSAGE),
    restricted("a comment", "<!-- x -->"),
    restricted("an instruction", "<?x y?>"),
    restricted("a comment in auth", f"<auth xmlns='{_SASL}' mechanism='PLAIN'><!--x-->AHgAeA==</auth>"),
    restricted("a comment and a message", "<!-- x -->" + _MESSAGE),
)
#: What comes last, since an answer starts a handshake that nobody takes part in.
_TLS_STARTS: tuple[Opening, ...] = tuple(
    row(name, data, _OUT_OF_TURN)
    for name, data in (
        ("starttls and a message", f"<starttls xmlns='{_TLS}'/>" + _MESSAGE),
        (
            "starttls and auth",
            f"<starttls xmlns='{_TLS}'/><auth xmlns='{_SASL}' mechanism='PLAIN'>AHgAeA==</auth>",
        ),
        ("starttls twice", f"<starttls xmlns='{_TLS}'/>" * 2),
        (
            "starttls and a header",
            f"<starttls xmlns='{_TLS}'/>" + header(declaration="") + "</stream:stream>",
        ),
        ("starttls with content", f"<starttls xmlns='{_TLS}'><unknown/>text</starttls>"),
        ("starttls with an attribute", f"<starttls xmlns='{_TLS}' unknown='1'/>"),
        (
            "starttls with a stanza within",
            f"<starttls xmlns='{_TLS}'>"
            "<message xmlns='jabber:client' to='${peer}' id='${token}-inner'/></starttls>",
        ),
        ("starttls, and nothing", f"<starttls xmlns='{_TLS}'/>"),
    )
)

#: What is sent behind a header, before anything has been negotiated. The first is a message.
OPENINGS: tuple[Opening, ...] = (
    *_UNAUTHENTICATED,
    *_LOGIN,
    *_AUTHENTICATION,
    *_SEQUENCES,
    *_BROKEN,
    *_TLS_STARTS,
)


def opening_sample(number: int) -> Sample:
    """Bytes for a stream on which nothing has been negotiated; 0 gives a plain message."""
    return Choices(number).among(OPENINGS).sample("state", Place.OPEN)
