"""Stream headers, and what is sent in place of one."""

from dataclasses import replace

from harness.strategies.answers import (
    BAD_ENCODING,
    BAD_NAMESPACE,
    NO_ELEMENT,
    NO_STANZA,
    NOT_WELL_FORMED,
    RESTRICTED,
    RESTRICTED_AND_ILL,
    TOO_LARGE,
)
from harness.strategies.choices import Choices
from harness.strategies.opening import CONTENT, DECLARATION, STREAMS, Opening, header, ill, restricted, row
from harness.strategies.sample import Place, Sample

#: RFC 6120, 4.8.1, 4.9.3.10; a prefix that is refused for it: 4.8.5.
_NAMESPACE = frozenset({"invalid-namespace", "bad-namespace-prefix", "bad-format", "invalid-xml"})
#: RFC 6120, 4.9.3.6 and 4.9.3.7; an address that is none may be called a malformed header too.
_HOST = frozenset(
    {"host-unknown", "improper-addressing", "host-gone", "bad-format", "invalid-xml", "policy-violation"}
)
#: Nothing takes the place of a placeholder there, so the host they name is an unknown one besides.
_OTHER_ENCODING = BAD_ENCODING | {"host-unknown"}
#: RFC 6120, 4.7.1 and 4.9.3.9.
_FROM = frozenset({"invalid-from", "improper-addressing", "not-authorized", "bad-format", "invalid-xml"})
#: RFC 6120, 4.7.5 and 4.9.3.25.
_VERSION = frozenset(
    {"unsupported-version", "unsupported-feature", "bad-format", "invalid-xml", "policy-violation"}
)
#: RFC 6120, 4.3.3: a header is due when something has been negotiated, not else.
_NO_HEADER = NO_ELEMENT | NO_STANZA | {"not-authorized", "policy-violation", "invalid-namespace"}


_MOST_SHOWN = 40  # characters of a value


def _called(what: str, value: str) -> str:
    shown = value if len(value) <= _MOST_SHOWN else f"{value[:8]}... of {len(value)}"
    return f"{what} {shown!r}"


_WELL_WRITTEN: tuple[Opening, ...] = (
    row("plain", header()),
    row("without declaration", header(declaration="")),  # RFC 6120, 11.5: a SHOULD
    row("double quotes", header().replace("'", '"')),
    row("declaration with encoding", header(declaration="<?xml version='1.0' encoding='UTF-8'?>")),
    row(
        "declaration with encoding in lower case",
        header(declaration="<?xml version='1.0' encoding='utf-8'?>"),
    ),
    row("blanks in the declaration", header(declaration="<?xml  version = '1.0' \n?>\n")),
    row("blanks in the tag", header().replace(" ", "\n\t ").replace("?xml\n\t ", "?xml ")),
    row("blank before the >", header(more=" ")),
    row("with from", header(more="from='${me}'")),
    row("with language", header(more="xml:lang='en'")),
    row("unused declarations", header(more="xmlns:x='urn:x' xmlns:db='jabber:server:dialback'")),
    row("unknown attribute", header(more="unknown='1'")),
    row("unknown attribute with prefix", header(more="xmlns:x='urn:x' x:unknown='1'")),
    row("references in values", header(version="version='&#49;.0'")),
    row("with language in odd case", header(more="xml:lang='EN-us'")),
    row(
        "attributes reversed",
        f"{DECLARATION}<stream:stream {STREAMS} {CONTENT} version='1.0' to='${{domain}}'>",
    ),
    row("white space behind", header() + "\n \n"),
)
_NAMESPACES: tuple[Opening, ...] = (
    row("wrong stream namespace", header(streams="xmlns:stream='urn:example'"), _NAMESPACE),
    row("stream namespace with a slash", header(streams=STREAMS[:-1] + "/'"), _NAMESPACE),
    row("stream namespace in upper case", header(streams=STREAMS.replace("http", "HTTP")), _NAMESPACE),
    row("stream in jabber:client", header(name="stream", streams=""), _NAMESPACE),
    row("stream in no namespace", header(name="stream", streams="", content=""), _NAMESPACE),
    row("another root", header(name="stream:features"), _NAMESPACE | NO_STANZA),
    row(
        "a stanza as root",
        "<message xmlns='jabber:client' to='${peer}'>",
        _NAMESPACE | NO_STANZA | {"not-authorized"},
    ),
    row("a root of another namespace", "<open xmlns='urn:example' to='${domain}'>", _NAMESPACE | NO_STANZA),
    row(
        "framing instead of streams",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${domain}' version='1.0'>",
        _NAMESPACE | NO_STANZA,
    ),
    row("no content namespace", header(content=""), _NAMESPACE),
    row("empty content namespace", header(content="xmlns=''"), _NAMESPACE),
    row(
        "content namespace of servers",
        header(content="xmlns='jabber:server'"),
        _NAMESPACE | {"host-unknown", "invalid-from"},
    ),
    row(
        "content namespace of components",
        header(content="xmlns='jabber:component:accept'"),
        _NAMESPACE | {"host-unknown"},
    ),
    row("unknown content namespace", header(content="xmlns='urn:example'"), _NAMESPACE),
    row("content namespace in upper case", header(content="xmlns='JABBER:CLIENT'"), _NAMESPACE),
    row("content namespace with more behind it", header(content="xmlns='jabber:client%20'"), _NAMESPACE),
    row("content namespace with a prefix", header(content="xmlns:c='jabber:client'"), _NAMESPACE),
    row("another prefix", header(name="s:stream", streams=STREAMS.replace(":stream=", ":s=")), _NAMESPACE),
    row("no prefix", header(name="stream", content="", streams=STREAMS.replace(":stream=", "=")), _NAMESPACE),
    row("stream namespace with two prefixes", header(more=STREAMS.replace(":stream=", ":s=")), _NAMESPACE),
    ill("prefix that is not declared", header(streams=""), BAD_NAMESPACE | {"invalid-namespace"}),
    ill(
        "another prefix that is not declared", header(name="s:stream"), BAD_NAMESPACE | {"invalid-namespace"}
    ),
    ill(
        "attribute prefix that is not declared", header(more="x:y='1'"), BAD_NAMESPACE | {"invalid-namespace"}
    ),
    ill("empty stream namespace", header(streams="xmlns:stream=''"), BAD_NAMESPACE | {"invalid-namespace"}),
)
_ADDRESSES: tuple[Opening, ...] = (
    row("no to", header(to=""), _HOST),
    row("empty to", header(to="to=''"), _HOST),
    *(
        row(_called("to", value), header(to=f"to='{value}'"), _HOST)
        for value in (
            *(
                "unknown.invalid",
                "${peer}",
                "${peer}/x",
                "@",
                "/",
                "a@",
                "@${domain}",
                "${domain}/",
                "${domain}/x",
                "a@b@c",
            ),
            *(
                " ",
                " ${domain}",
                "${domain} ",
                "${domain}.",
                "${domain}..",
                ".${domain}",
                "${domain}:5222",
                "${domain}.evil",
            ),
            *(
                "evil.${domain}",
                "127.0.0.1",
                "[::1]",
                "::1",
                "localhost",
                "*",
                "*.${domain}",
                "%00",
                "..",
                "../../etc",
                "${muc}",
            ),
            *(
                "xn--",
                "xn--a",
                "xn--bcher-kva.example",
                "bücher.example",
                "ß.example",
                "\u200d.example",
                "\u0e33.example",
            ),
            *(
                "a" * 63 + ".example",
                "a" * 64 + ".example",
                "a." * 500 + "example",
                "x" * 1023,
                "x" * 1024,
                "x" * 8000,
            ),
            *(
                "&lt;&gt;&amp;&quot;&apos;",
                "${domain}&#10;",
                "${domain}&#9;x",
                "\u202e${domain}",
                "\ufeff${domain}",
                "\uff4c\uff4f",
            ),
        )
    ),
    *(
        row(_called("from", value), header(more=f"from='{value}'"), _FROM)
        for value in (
            *("", " ", "${peer}", "${domain}", "@", "a@b@c", "unknown.invalid", "a@unknown.invalid"),
            *("${me}.evil", "${muc}", "x" * 1024 + "@${domain}", "\u202e@${domain}", "*", "&lt;"),
        )
    ),
)
_VERSIONS: tuple[Opening, ...] = (
    row("no version", header(version=""), _VERSION),
    *(
        row(f"version {value!r}", header(version=f"version='{value}'"), _VERSION)
        for value in (
            *(
                "1.1",
                "1.10",
                "1.99999",
                "2.0",
                "11.0",
                "01.00",
                "0.9",
                "0.0",
                "1",
                "1.",
                ".1",
                "1.0.0",
                "-1",
                "-1.0",
                "+1.0",
                "1e9",
            ),
            *(
                "",
                " ",
                " 1.0",
                "1.0 ",
                "1,0",
                "1.0x",
                "x",
                "0x1.0",
                "٣.٠",
                "99999999999999999999.0",
                "1." + "0" * 500,
                "NaN",
            ),
        )
    ),
)
_DECLARATIONS: tuple[Opening, ...] = (
    *(
        row(name, header(declaration=declaration), conditions)
        for name, declaration, conditions in (
            ("standalone", "<?xml version='1.0' standalone='yes'?>", RESTRICTED),  # RFC 6120, 11.5
            ("not standalone", "<?xml version='1.0' standalone='no'?>", RESTRICTED),
            ("declared as US-ASCII", "<?xml version='1.0' encoding='US-ASCII'?>", BAD_ENCODING),  # 11.6
            ("declared as Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?>", BAD_ENCODING),
            ("declared as windows-1252", "<?xml version='1.0' encoding='windows-1252'?>", BAD_ENCODING),
        )
    ),
    row(
        "text declaration of another version",
        header(declaration="<?xml version='1.1'?>"),
        NOT_WELL_FORMED | {"unsupported-version"},
    ),  # 11.8
    ill("unknown encoding that is not there", header(declaration="<?xml version='1.0' encoding=''?>")),
    ill("declaration behind a blank", " " + header()),
    ill("declaration behind a line end", "\r\n" + header()),
    ill("declaration twice", DECLARATION + header()),
    ill("declaration without version", header(declaration="<?xml encoding='UTF-8'?>")),
    ill("declaration without anything", header(declaration="<?xml?>")),
    ill("declaration in upper case", header(declaration="<?XML version='1.0'?>")),
    ill("declaration in disorder", header(declaration="<?xml encoding='UTF-8' version='1.0'?>")),
    ill("declaration with something else", header(declaration="<?xml version='1.0' x='y'?>")),
    ill("declaration without quotes", header(declaration="<?xml version=1.0?>")),
    ill("Latin-1 in the header", header(more="from='${me}/é'").encode("latin-1"), BAD_ENCODING),
    ill("UTF-16 with its mark", header(to="to='example.org'").encode("utf-16"), _OTHER_ENCODING),
    ill("UTF-16 of the big end", header(to="to='example.org'").encode("utf-16-be"), _OTHER_ENCODING),
    ill("UTF-16 of the little end", header(to="to='example.org'").encode("utf-16-le"), _OTHER_ENCODING),
    ill("UTF-32", header(to="to='example.org'").encode("utf-32"), _OTHER_ENCODING),
    ill("EBCDIC", header(to="to='example.org'").encode("cp037"), _OTHER_ENCODING),
    ill("no UTF-8 in the header", header(more="a='").encode()[:-1] + b"\xc0\x80'>", BAD_ENCODING),
)


def _typed(name: str, data: str) -> Opening:
    """With a document type: parsers that are made for streams know no XML with one (RFC 6120, 11.3)."""
    return replace(restricted(name, data), conditions=RESTRICTED_AND_ILL)


_OTHERS: tuple[Opening, ...] = (
    restricted("a comment before the header", header(declaration=DECLARATION + "<!-- x -->")),
    restricted("a comment behind the header", header() + "<!-- x -->"),
    restricted("an instruction before the header", header(declaration=DECLARATION + "<?x y?>")),
    restricted("an instruction behind the header", header() + "<?x y?>"),
    _typed("a document type", header(declaration=DECLARATION + "<!DOCTYPE stream:stream>")),
    _typed(
        "a document type with a subset", header(declaration=DECLARATION + "<!DOCTYPE x [<!ENTITY a 'b'>]>")
    ),
    _typed(
        "an external subset", header(declaration=DECLARATION + "<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x'>")
    ),
    _typed("an entity in the header", header(declaration="<!DOCTYPE x [<!ENTITY a 'b'>]>", more="c='&a;'")),
    _typed(
        "an entity behind the header",
        header(declaration="<!DOCTYPE x [<!ENTITY a 'b'>]>") + "<x xmlns='urn:x'>&a;</x>",
    ),
    _typed(
        "an attribute by default",
        header(declaration="<!DOCTYPE x [<!ATTLIST stream:stream from CDATA 'a@b'>]>"),
    ),
    ill("an unknown entity in the header", header(more="c='&unknown;'"), NOT_WELL_FORMED | RESTRICTED),
    row("our own id", header(more="id='ours'"), frozenset({"bad-format", "invalid-xml"})),  # RFC 6120, 4.7.3
    *(
        row(
            _called("language", value),
            header(more=f"xml:lang='{value}'"),
            frozenset({"bad-format", "invalid-xml", *TOO_LARGE}),
        )
        for value in ("", " ", "-", "en_US", "e", "x" * 64, "é", "a-" * 2000 + "b", "&lt;")
    ),
    row("type instead of a stream", header(more="type='get'")),
    ill("to twice", header(more="to='${domain}'")),
    ill("version twice", header(more="version='1.0'")),
    ill("namespace twice", header(more=CONTENT)),
    ill("an unquoted value", header(to="to=${domain}")),
    ill("no value", header(more="from")),
    ill("a < in the header", header(more="from='<'")),
    ill("a & in the header", header(more="from='&'")),
    ill("no blanks", header().replace("' ", "'")),
    ill("a colon too many", header(name="stream:stream:stream"), BAD_NAMESPACE),
    ill("no name", "< " + header(declaration="")[1:]),
    ill("text before the header", "x" + header()),
    ill("NUL before the header", b"\x00" + header().encode()),
    ill("an end tag behind the header", header() + "</a>"),
    ill("</> behind the header", header() + "</>"),
    ill("</> alone", "</>"),
    ill("only a closing tag", "</stream:stream>"),
    ill("an empty tag", "<>"),
    ill("two roots", "<a xmlns='urn:x'/>" + header(declaration="")),
    ill("HTTP", b"GET / HTTP/1.1\r\nHost: ${domain}\r\nConnection: keep-alive\r\n\r\n"),
    ill("TLS", bytes.fromhex("16030100a5010000a10303") + bytes(96)),
    ill("SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ill("SMTP", b"EHLO ${domain}\r\n"),
    ill("SOCKS", b"\x05\x01\x00"),
    ill("PROXY", b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n"),
    ill("NULs", bytes(64)),
    ill("bytes of all kinds", bytes(range(256))),
    ill("JSON", b'{"stream": true}'),
    row(
        "byte order mark", b"\xef\xbb\xbf" + header().encode(), NOT_WELL_FORMED | BAD_ENCODING
    ),  # RFC 6120, 11.6
    ill("two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbf" + header().encode(), BAD_ENCODING),
    row("a header that ends at once", header()[:-1] + "/>", _NO_HEADER),
    ill("more behind the end", header() + "</stream:stream><message/>"),
    row("a header twice", header() + header(declaration="") + "</stream:stream>", _NO_HEADER),
    ill(
        "a header twice with its declaration", header() + header(), NOT_WELL_FORMED | _NO_HEADER | RESTRICTED
    ),
    row("many attributes", header(more=" ".join(f"a{index}=''" for index in range(500))), TOO_LARGE),
    row(
        "many declarations",
        header(more=" ".join(f"xmlns:p{index}='urn:{index}'" for index in range(200))),
        TOO_LARGE | _NAMESPACE,
    ),
    row("a long value", header(more=f"a='{'x' * 8000}'"), TOO_LARGE),
    row("a long name", header(more=f"{'x' * 4000}=''"), TOO_LARGE),
)

#: What is sent in place of a stream header. The first is a plain one.
HEADERS: tuple[Opening, ...] = (
    *_WELL_WRITTEN,
    *_NAMESPACES,
    *_ADDRESSES,
    *_VERSIONS,
    *_DECLARATIONS,
    *_OTHERS,
)


def header_sample(number: int) -> Sample:
    """Bytes for a new connection; 0 gives an ordinary header."""
    return Choices(number).among(HEADERS).sample("header", Place.HEADER)
