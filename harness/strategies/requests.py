"""Valid requests and answers (iq) that servers and clients handle themselves, by purpose.

What would keep a session from being of further use is not among them: giving up the account, changing its
password, blocking the peer.
"""

from harness.strategies.forms import FORM, SET, submit
from harness.strategies.grammar import many, may, maybe, needs, node, one
from harness.strategies.messages import ERROR
from harness.strategies.payload import ANYONE, OWN_ACCOUNT, PEER, ROOMS, SERVER, Payload, iq
from harness.strategies.values import (
    BARE_JID,
    BASE64,
    BOOLEAN,
    COUNT,
    DATE,
    DATETIME,
    JID,
    NAMESPACE,
    NICK,
    NODE,
    PORT,
    ROOM,
    TEXT,
    TOKEN,
    URI,
    ZONE,
    integers,
    words,
)
from harness.xmpp.namespaces import (
    BLOCKING,
    CARBONS,
    COMMANDS,
    DISCO_INFO,
    DISCO_ITEMS,
    IQ_OOB,
    LAST,
    MAM,
    PING,
    PRIVATE,
    REGISTER,
    ROSTER,
    SEARCH,
    SESSION,
    TIME,
    VCARD,
    VERSION,
)

BOOKMARKS = "storage:bookmarks"
NOTES = "storage:rosternotes"
UPLOAD = "urn:xmpp:http:upload:0"
BYTESTREAMS = "http://jabber.org/protocol/bytestreams"
IN_BAND = "http://jabber.org/protocol/ibb"
SERVICES = "urn:xmpp:extdisco:2"
JINGLE = "urn:xmpp:jingle:1"

_GROUP = node(ROSTER, "group", TOKEN)
_CONTACT = node(ROSTER, "item", needs("jid", BARE_JID), may("name", TEXT), many(_GROUP))
_FORGOTTEN = node(ROSTER, "item", needs("jid", BARE_JID), needs("subscription", words("remove")))
_BLOCKED = node(BLOCKING, "item", needs("jid", BARE_JID))
_CONFERENCE = node(
    BOOKMARKS,
    "conference",
    needs("jid", ROOM),
    may("name", TEXT),
    may("autojoin", BOOLEAN),
    maybe(node(BOOKMARKS, "nick", NICK)),
    maybe(node(BOOKMARKS, "password", TOKEN)),
)
_NOTE = node(NOTES, "note", TEXT, needs("jid", BARE_JID), may("cdate", DATETIME), may("mdate", DATETIME))
_STORAGE = node(
    BOOKMARKS, "storage", many(_CONFERENCE, node(BOOKMARKS, "url", needs("url", URI), may("name", TEXT)))
)
_NAME = node(VCARD, "N", maybe(node(VCARD, "FAMILY", TEXT)), maybe(node(VCARD, "GIVEN", TEXT)))
_PHOTO = node(
    VCARD, "PHOTO", one(node(VCARD, "TYPE", words("image/png"))), one(node(VCARD, "BINVAL", BASE64))
)
_CARD = node(
    VCARD,
    "vCard",
    one(node(VCARD, "FN", TEXT)),
    maybe(_NAME),
    maybe(node(VCARD, "NICKNAME", TEXT)),
    maybe(node(VCARD, "BDAY", DATE)),
    maybe(node(VCARD, "URL", URI)),
    maybe(node(VCARD, "EMAIL", maybe(node(VCARD, "HOME")), one(node(VCARD, "USERID", TEXT)))),
    maybe(node(VCARD, "DESC", TEXT)),
    maybe(_PHOTO),
)
_SOUGHT = node(
    SEARCH,
    "query",
    maybe(node(SEARCH, "first", TEXT)),
    maybe(node(SEARCH, "last", TEXT)),
    maybe(node(SEARCH, "nick", TEXT)),
    maybe(node(SEARCH, "email", TEXT)),
)
_PREFERENCES = node(
    MAM,
    "prefs",
    needs("default", words("roster", "always", "never")),
    one(node(MAM, "always", many(node(MAM, "jid", BARE_JID)))),
    one(node(MAM, "never", many(node(MAM, "jid", BARE_JID)))),
)
_IDENTITY = node(
    DISCO_INFO,
    "identity",
    needs("category", words("client", "account")),
    needs("type", words("pc", "bot", "registered")),
    may("name", TEXT),
)
_FEATURES = many(node(DISCO_INFO, "feature", needs("var", NAMESPACE)), least=1)
_CANDIDATE = node(
    BYTESTREAMS, "streamhost", needs("jid", JID), needs("host", words("127.0.0.1")), needs("port", PORT)
)
_CONTENT = node(JINGLE, "content", needs("creator", words("initiator", "responder")), needs("name", TOKEN))
_SET_PERIOD = node(TIME, "time", one(node(TIME, "tzo", ZONE)), one(node(TIME, "utc", DATETIME)))

REQUESTS: tuple[Payload, ...] = (
    iq("ping", "XEP-0199", one(node(PING, "ping")), to=ANYONE),
    iq("roster", "RFC 6121, 2.1.3", one(node(ROSTER, "query", may("ver", TOKEN))), to=OWN_ACCOUNT),
    iq("contact", "RFC 6121, 2.3", one(node(ROSTER, "query", one(_CONTACT))), types="set"),
    iq("contact forgotten", "RFC 6121, 2.5", one(node(ROSTER, "query", one(_FORGOTTEN))), types="set"),
    iq("what there is", "XEP-0030", one(node(DISCO_INFO, "query", may("node", NODE))), to=(*SERVER, *ANYONE)),
    iq(
        "what belongs to it",
        "XEP-0030",
        one(node(DISCO_ITEMS, "query", may("node", NODE), maybe(SET))),
        to=ANYONE,
    ),
    iq(
        "what we are",
        "XEP-0030",
        one(node(DISCO_INFO, "query", may("node", NODE), one(_IDENTITY), _FEATURES)),
        types="result",
        to=PEER,
    ),
    iq("version", "XEP-0092", one(node(VERSION, "query")), to=(*SERVER, *PEER)),
    iq(
        "our version",
        "XEP-0092",
        one(
            node(
                VERSION,
                "query",
                one(node(VERSION, "name", TEXT)),
                one(node(VERSION, "version", TEXT)),
                maybe(node(VERSION, "os", TEXT)),
            )
        ),
        types="result",
        to=PEER,
    ),
    iq("time", "XEP-0202", one(node(TIME, "time")), to=(*SERVER, *PEER)),
    iq("our time", "XEP-0202", one(_SET_PERIOD), types="result", to=PEER),
    iq("last activity", "XEP-0012", one(node(LAST, "query")), to=(*SERVER, *PEER)),
    iq(
        "our last activity",
        "XEP-0012",
        one(node(LAST, "query", TEXT, needs("seconds", COUNT))),
        types="result",
        to=PEER,
    ),
    iq("card", "XEP-0054", one(node(VCARD, "vCard")), to=("", "${peer}")),
    iq("our card", "XEP-0054", one(_CARD), types="set", to=("",)),
    iq("private data", "XEP-0049", one(node(PRIVATE, "query", one(node(BOOKMARKS, "storage"))))),
    iq("bookmarks", "XEP-0048", one(node(PRIVATE, "query", one(_STORAGE))), types="set"),
    iq(
        "notes",
        "XEP-0145",
        one(node(PRIVATE, "query", one(node(NOTES, "storage", many(_NOTE))))),
        types="set",
    ),
    iq("registration", "XEP-0077", one(node(REGISTER, "query")), to=(*SERVER, *ROOMS)),
    iq(
        "registration of a nick",
        "XEP-0045, 7.10",
        one(node(REGISTER, "query", one(submit("http://jabber.org/protocol/muc#register")))),
        types="set",
        to=ROOMS,
    ),
    iq("search form", "XEP-0055", one(node(SEARCH, "query")), to=SERVER),
    iq("search", "XEP-0055", one(_SOUGHT), types="set", to=SERVER),
    iq(
        "search by form",
        "XEP-0055",
        one(node(SEARCH, "query", one(submit("jabber:iq:search")))),
        types="set",
        to=SERVER,
    ),
    iq("block list", "XEP-0191", one(node(BLOCKING, "blocklist"))),
    iq("block", "XEP-0191", one(node(BLOCKING, "block", many(_BLOCKED, least=1))), types="set"),
    iq("unblock", "XEP-0191", one(node(BLOCKING, "unblock", many(_BLOCKED, least=1))), types="set"),
    iq("carbons", "XEP-0280", one(node(CARBONS, "enable"), node(CARBONS, "disable")), types="set", to=("",)),
    iq(
        "archive",
        "XEP-0313",
        one(node(MAM, "query", may("queryid", TOKEN), may("node", NODE), maybe(submit(MAM)), maybe(SET))),
        types="set",
    ),
    iq("form of the archive", "XEP-0313", one(node(MAM, "query"))),
    iq("bounds of the archive", "XEP-0313", one(node(MAM, "metadata"))),
    iq("archiving", "XEP-0441", one(node(MAM, "prefs"))),
    iq("archiving changed", "XEP-0441", one(_PREFERENCES), types="set"),
    iq("commands", "XEP-0050", one(node(DISCO_ITEMS, "query", needs("node", words(COMMANDS)))), to=SERVER),
    iq(
        "command",
        "XEP-0050",
        one(
            node(
                COMMANDS,
                "command",
                needs("node", NODE),
                may("action", words("execute", "cancel", "prev", "next", "complete")),
                may("sessionid", TOKEN),
                maybe(submit(COMMANDS)),
            )
        ),
        types="set",
        to=SERVER,
    ),
    iq("session", "RFC 3921, 3", one(node(SESSION, "session")), types="set", to=("", *SERVER)),
    iq(
        "upload",
        "XEP-0363",
        one(
            node(
                UPLOAD,
                "request",
                needs("filename", TOKEN),
                needs("size", integers(1, 2**31 - 1, 1)),
                may("content-type", words("text/plain")),
            )
        ),
        to=SERVER,
    ),
    iq(
        "external services",
        "XEP-0215",
        one(node(SERVICES, "services", may("type", words("stun", "turn")))),
        to=SERVER,
    ),
    iq("proxy", "XEP-0065", one(node(BYTESTREAMS, "query")), to=SERVER),
    iq(
        "byte stream",
        "XEP-0065",
        one(
            node(
                BYTESTREAMS,
                "query",
                needs("sid", TOKEN),
                may("mode", words("tcp", "udp")),
                many(_CANDIDATE, least=1),
            )
        ),
        types="set",
        to=PEER,
    ),
    iq(
        "in-band stream",
        "XEP-0047",
        one(
            node(
                IN_BAND,
                "open",
                needs("block-size", integers(1, 65535, 4096)),
                needs("sid", TOKEN),
                may("stanza", words("iq", "message")),
            ),
            node(IN_BAND, "data", BASE64, needs("seq", integers(0, 65535, 0)), needs("sid", TOKEN)),
            node(IN_BAND, "close", needs("sid", TOKEN)),
        ),
        types="set",
        to=PEER,
    ),
    iq(
        "call",
        "XEP-0166",
        one(
            node(
                JINGLE,
                "jingle",
                needs("action", words("session-initiate", "session-info", "session-terminate")),
                needs("sid", TOKEN),
                may("initiator", JID),
                many(_CONTENT),
            )
        ),
        types="set",
        to=PEER,
    ),
    iq(
        "link",
        "XEP-0066",
        one(node(IQ_OOB, "query", one(node(IQ_OOB, "url", URI)), maybe(node(IQ_OOB, "desc", TEXT)))),
        types="set",
        to=PEER,
    ),
    iq("form sent", "XEP-0004", one(node("urn:example:unknown", "query", one(FORM))), types="set", to=PEER),
    iq(
        "unknown",
        "RFC 6120, 8.4",
        one(node("urn:example:unknown", "query", TEXT)),
        types="get set",
        to=ANYONE,
    ),
    iq("empty result", "RFC 6120, 8.2.3", types="result", to=PEER),
    iq("error", "RFC 6120, 8.3", one(ERROR), types="error", to=PEER),
)
