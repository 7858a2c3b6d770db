"""Valid presence, by purpose. None of it ends the sender's own availability."""

from harness.strategies.grammar import XML_LANG, Attribute, many, may, maybe, needs, node, one
from harness.strategies.messages import DELAYED, ERROR, NICK_OF_SENDER
from harness.strategies.payload import OCCUPANT, PEER, PEER_ACCOUNT, Payload, presence
from harness.strategies.values import BYTE, COUNT, DATETIME, NODE, SHA1, TEXT, TOKEN, VERIFICATION, words
from harness.xmpp.namespaces import CAPS, CLIENT, LAST, MUC

VCARD_UPDATE = "vcard-temp:x:update"
IDLE = "urn:xmpp:idle:1"

SHOW = node(CLIENT, "show", words("away", "chat", "dnd", "xa"))
STATUS = node(CLIENT, "status", TEXT)
GERMAN_STATUS = node(CLIENT, "status", TEXT, Attribute(name=XML_LANG, value=words("de")))
PRIORITY = node(CLIENT, "priority", BYTE)
CAPABILITIES = node(
    CAPS,
    "c",
    needs("hash", words("sha-1", "sha-256", "md5")),
    needs("node", NODE),
    needs("ver", VERIFICATION),
)
_HISTORY = node(
    MUC,
    "history",
    may("maxchars", COUNT),
    may("maxstanzas", COUNT),
    may("seconds", COUNT),
    may("since", DATETIME),
)
_JOIN = node(MUC, "x", maybe(_HISTORY), maybe(node(MUC, "password", TOKEN)))

PRESENCES: tuple[Payload, ...] = (
    presence("available", "RFC 6121, 4.7", maybe(SHOW), maybe(STATUS), maybe(PRIORITY)),
    presence("show", "RFC 6121, 4.7.2.1", one(SHOW), to=PEER),
    presence("status", "RFC 6121, 4.7.2.2", one(STATUS), to=PEER),
    presence("languages", "RFC 6121, 4.7.2.2", one(STATUS), one(GERMAN_STATUS), to=PEER),
    presence("priority", "RFC 6121, 4.7.2.3", one(PRIORITY), to=PEER),
    presence("directed", "RFC 6121, 4.6", maybe(SHOW), maybe(STATUS), maybe(PRIORITY), to=PEER),
    presence("directed farewell", "RFC 6121, 4.6", maybe(STATUS), types="unavailable", to=PEER),
    presence("capabilities", "XEP-0115", one(CAPABILITIES), maybe(SHOW), to=("", *PEER)),
    presence("nick", "XEP-0172", one(NICK_OF_SENDER), to=("", *PEER)),
    presence(
        "subscription",
        "RFC 6121, 3",
        maybe(STATUS),
        maybe(NICK_OF_SENDER),
        types="subscribe subscribed unsubscribe unsubscribed",
        to=PEER_ACCOUNT,
    ),
    presence("entrance", "XEP-0045, 7.2", one(_JOIN), maybe(SHOW), to=OCCUPANT),
    presence("entrance in the old way", "XEP-0045, 7.2", maybe(STATUS), to=OCCUPANT),
    presence("leaving", "XEP-0045, 7.14", maybe(STATUS), types="unavailable", to=OCCUPANT),
    presence(
        "picture",
        "XEP-0153",
        one(node(VCARD_UPDATE, "x", maybe(node(VCARD_UPDATE, "photo", SHA1)))),
        to=("", *PEER),
    ),
    presence("idle", "XEP-0319", one(node(IDLE, "idle", needs("since", DATETIME))), to=("", *PEER)),
    presence("idle in seconds", "XEP-0256", one(node(LAST, "query", needs("seconds", COUNT))), to=PEER),
    presence("delay", "XEP-0203", one(DELAYED), maybe(STATUS), to=PEER),
    presence("error", "RFC 6120, 8.3", one(ERROR), types="error", to=PEER),
    presence(
        "everything",
        "RFC 6121, 4.7",
        one(SHOW),
        one(STATUS),
        one(PRIORITY),
        one(CAPABILITIES),
        many(node("urn:example:unknown", "unknown", TEXT, may("id", TOKEN))),
        to=PEER,
    ),
)
