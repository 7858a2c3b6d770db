"""Valid messages, by purpose."""

from harness.strategies.forms import FORM, RESULT_FORM
from harness.strategies.grammar import XML_LANG, Attribute, many, may, maybe, needs, node, one
from harness.strategies.payload import OCCUPANT, PEER, ROOM, Payload, message
from harness.strategies.values import (
    BARE_JID,
    BASE64,
    COUNT,
    JID,
    NAMESPACE,
    NICK,
    TEXT,
    TOKEN,
    URI,
    UTC,
    integers,
    words,
)
from harness.strategies.values import (
    ROOM as ROOM_JID,
)
from harness.xmpp.namespaces import (
    CLIENT,
    CONFERENCE,
    DELAY,
    FORWARD,
    LEGACY_DELAY,
    MUC_USER,
    OOB,
    STANZA_ERRORS,
    STANZA_IDS,
)

XHTML = "http://www.w3.org/1999/xhtml"
XHTML_IM = "http://jabber.org/protocol/xhtml-im"
CHAT_STATES = "http://jabber.org/protocol/chatstates"
RECEIPTS = "urn:xmpp:receipts"
MARKERS = "urn:xmpp:chat-markers:0"
HINTS = "urn:xmpp:hints"
NICKS = "http://jabber.org/protocol/nick"
JINGLE_MESSAGE = "urn:xmpp:jingle-message:0"
OMEMO = "eu.siacs.conversations.axolotl"
HEADERS = "http://jabber.org/protocol/shim"

BODY = node(CLIENT, "body", TEXT)
GERMAN_BODY = node(CLIENT, "body", TEXT, Attribute(name=XML_LANG, value=words("de")))
SUBJECT = node(CLIENT, "subject", TEXT)
GERMAN_SUBJECT = node(CLIENT, "subject", TEXT, Attribute(name=XML_LANG, value=words("de")))
THREAD = node(CLIENT, "thread", TOKEN, may("parent", TOKEN))
NICK_OF_SENDER = node(NICKS, "nick", NICK)
DELAYED = node(DELAY, "delay", needs("stamp", UTC), may("from", JID), TEXT)
_LEGACY_STAMP = words("20020910T23:08:25", "19990101T00:00:00")
_SPAN_TEXT = node(XHTML, "span", TEXT, may("style", words("color: red", "font-weight: bold; color: #0f0")))
_LINK = node(XHTML, "a", TEXT, needs("href", URI))
_PARAGRAPH = node(XHTML, "p", TEXT, many(_SPAN_TEXT, _LINK, node(XHTML, "br"), node(XHTML, "em", TEXT)))
_INNER_BODY = node(CLIENT, "body", TEXT)
INNER_MESSAGE = node(
    CLIENT,
    "message",
    needs("to", BARE_JID),
    may("from", JID),
    may("id", TOKEN),
    may("type", words("chat", "normal")),
    one(_INNER_BODY),
)
ERROR = node(
    CLIENT,
    "error",
    needs("type", words("cancel", "modify", "auth", "wait")),  # RFC 6120, 8.3.2
    one(
        node(STANZA_ERRORS, "service-unavailable"),
        node(STANZA_ERRORS, "item-not-found"),
        node(STANZA_ERRORS, "bad-request"),
        node(STANZA_ERRORS, "undefined-condition"),
    ),
    maybe(node(STANZA_ERRORS, "text", TEXT, Attribute(name=XML_LANG, value=words("en"), is_needed=False))),
)

MESSAGES: tuple[Payload, ...] = (
    message("body", "RFC 6121, 5.2.3", one(BODY)),
    message("subject", "RFC 6121, 5.2.4", one(BODY), one(SUBJECT), maybe(THREAD)),
    message(
        "languages", "RFC 6121, 5.2.3", one(BODY), one(GERMAN_BODY), maybe(SUBJECT), maybe(GERMAN_SUBJECT)
    ),
    message("thread", "RFC 6121, 5.2.5", one(THREAD), one(BODY)),
    message("nothing", "RFC 6121, 5.2.2"),
    message("headline", "RFC 6121, 5.2.2", one(SUBJECT), one(BODY), types="headline"),
    message("groupchat", "XEP-0045, 7.4", one(BODY), types="groupchat", to=ROOM),
    message(
        "private message", "XEP-0045, 7.5", one(BODY), maybe(node(MUC_USER, "x")), types="chat", to=OCCUPANT
    ),
    message("error", "RFC 6120, 8.3", maybe(BODY), one(ERROR), types="error"),
    message(
        "chat state",
        "XEP-0085",
        one(*(node(CHAT_STATES, one) for one in ("active", "composing", "paused", "inactive", "gone"))),
        maybe(BODY),
        maybe(THREAD),
        types="chat",
    ),
    message("receipt asked for", "XEP-0184", one(BODY), one(node(RECEIPTS, "request"))),
    message("receipt", "XEP-0184", one(node(RECEIPTS, "received", needs("id", TOKEN)))),
    message("markable", "XEP-0333", one(BODY), one(node(MARKERS, "markable"))),
    message(
        "marker",
        "XEP-0333",
        one(*(node(MARKERS, one, needs("id", TOKEN)) for one in ("received", "displayed", "acknowledged"))),
    ),
    message("delay", "XEP-0203", one(BODY), one(DELAYED)),
    message(
        "legacy delay",
        "XEP-0091",
        one(BODY),
        one(node(LEGACY_DELAY, "x", needs("stamp", _LEGACY_STAMP), may("from", JID), TEXT)),
    ),
    message("nick", "XEP-0172", one(BODY), one(NICK_OF_SENDER)),
    message(
        "formatted",
        "XEP-0071",
        one(BODY),
        one(node(XHTML_IM, "html", one(node(XHTML, "body", many(_PARAGRAPH, least=1))))),
    ),
    message(
        "link",
        "XEP-0066",
        maybe(BODY),
        one(node(OOB, "x", one(node(OOB, "url", URI)), maybe(node(OOB, "desc", TEXT)))),
    ),
    message("attention", "XEP-0224", one(node("urn:xmpp:attention:0", "attention")), types="headline"),
    message(
        "correction",
        "XEP-0308",
        one(BODY),
        one(node("urn:xmpp:message-correct:0", "replace", needs("id", TOKEN))),
    ),
    message(
        "hint",
        "XEP-0334",
        one(BODY),
        one(*(node(HINTS, one) for one in ("no-store", "no-copy", "no-permanent-store", "store"))),
    ),
    message("origin id", "XEP-0359", one(BODY), one(node(STANZA_IDS, "origin-id", needs("id", TOKEN)))),
    message(
        "reference",
        "XEP-0372",
        one(BODY),
        one(
            node(
                "urn:xmpp:reference:0",
                "reference",
                needs("type", words("mention", "data")),
                needs("uri", URI),
                may("begin", COUNT),
                may("end", COUNT),
            )
        ),
    ),
    message(
        "reactions",
        "XEP-0444",
        one(
            node(
                "urn:xmpp:reactions:0",
                "reactions",
                needs("id", TOKEN),
                many(node("urn:xmpp:reactions:0", "reaction", words("👋", "🐢", "👍🏽"))),
            )
        ),
        types="chat",
    ),
    message(
        "reply",
        "XEP-0461",
        one(BODY),
        one(node("urn:xmpp:reply:0", "reply", needs("id", TOKEN), may("to", JID))),
        maybe(node("urn:xmpp:fallback:0", "fallback", needs("for", NAMESPACE))),
    ),
    message("retraction", "XEP-0424", one(node("urn:xmpp:message-retract:1", "retract", needs("id", TOKEN)))),
    message("spoiler", "XEP-0382", one(BODY), one(node("urn:xmpp:spoiler:0", "spoiler", TEXT))),
    message("unstyled", "XEP-0393", one(BODY), one(node("urn:xmpp:styling:0", "unstyled"))),
    message(
        "direct invitation",
        "XEP-0249",
        one(
            node(
                CONFERENCE,
                "x",
                needs("jid", ROOM_JID),
                may("password", TOKEN),
                may("reason", TEXT),
                may("continue", words("true", "false")),
                may("thread", TOKEN),
            )
        ),
    ),
    message(
        "invitation by way of a room",
        "XEP-0045, 7.8.2",
        one(
            node(
                MUC_USER,
                "x",
                one(node(MUC_USER, "invite", needs("to", BARE_JID), maybe(node(MUC_USER, "reason", TEXT)))),
            )
        ),
        types=" normal",
        to=ROOM,
    ),
    message("form", "XEP-0004", one(FORM, RESULT_FORM), maybe(BODY)),
    message(
        "forwarded",
        "XEP-0297",
        one(node(FORWARD, "forwarded", maybe(DELAYED), one(INNER_MESSAGE))),
        maybe(BODY),
    ),
    message(
        "encryption named",
        "XEP-0380",
        one(BODY),
        one(node("urn:xmpp:eme:0", "encryption", needs("namespace", NAMESPACE), may("name", TEXT))),
    ),
    message(
        "encrypted",
        "XEP-0384",
        one(
            node(
                OMEMO,
                "encrypted",
                one(
                    node(
                        OMEMO,
                        "header",
                        needs("sid", COUNT),
                        many(node(OMEMO, "key", BASE64, needs("rid", COUNT)), least=1),
                        one(node(OMEMO, "iv", BASE64)),
                    )
                ),
                maybe(node(OMEMO, "payload", BASE64)),
            )
        ),
        types="chat",
    ),
    message(
        "call proposed",
        "XEP-0353",
        one(
            node(
                JINGLE_MESSAGE,
                "propose",
                needs("id", TOKEN),
                one(
                    node("urn:xmpp:jingle:apps:rtp:1", "description", needs("media", words("audio", "video")))
                ),
            )
        ),
        types="chat",
    ),
    message(
        "typed live",
        "XEP-0301",
        one(
            node(
                "urn:xmpp:rtt:0",
                "rtt",
                needs("seq", COUNT),
                may("event", words("new", "reset", "edit", "init", "cancel")),
                many(node("urn:xmpp:rtt:0", "t", TEXT, may("p", COUNT))),
            )
        ),
        types="chat",
    ),
    message(
        "headers",
        "XEP-0131",
        one(BODY),
        one(
            node(
                HEADERS,
                "headers",
                many(node(HEADERS, "header", TEXT, needs("name", words("Keywords", "In-Reply-To"))), least=1),
            )
        ),
    ),
    message(
        "confirmation of a request",
        "XEP-0070",
        one(
            node(
                "http://jabber.org/protocol/http-auth",
                "confirm",
                needs("id", TOKEN),
                needs("method", words("GET", "POST")),
                needs("url", URI),
            )
        ),
        one(BODY),
        types=" normal",
    ),
    message(
        "rules of processing",
        "XEP-0079",
        one(BODY),
        one(
            node(
                "http://jabber.org/protocol/amp",
                "amp",
                one(
                    node(
                        "http://jabber.org/protocol/amp",
                        "rule",
                        needs("condition", words("deliver", "match-resource")),
                        needs("action", words("notify", "alert", "error", "drop")),
                        needs("value", words("stored", "direct", "exact")),
                    )
                ),
            )
        ),
        to=PEER,
    ),
    message(
        "tagged and ordered",
        "XEP-0359",
        one(BODY),
        one(NICK_OF_SENDER),
        one(node(STANZA_IDS, "origin-id", needs("id", TOKEN))),
        one(node("urn:example:unknown", "unknown", TEXT, may("number", integers(-(2**31), 2**31 - 1, 0)))),
    ),
)
