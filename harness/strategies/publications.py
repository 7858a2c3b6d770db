"""Valid requests to pubsub services and rooms, by purpose. All rooms are new ones."""

from harness.strategies.forms import SET, submit
from harness.strategies.grammar import Children, Node, many, may, maybe, needs, node, one
from harness.strategies.messages import NICKS
from harness.strategies.payload import OWN_ACCOUNT, ROOM, SERVER, Payload, iq
from harness.strategies.values import (
    BARE_JID,
    BASE64,
    COUNT,
    DATETIME,
    DECIMAL,
    JID,
    NICK,
    NODE,
    SHA1,
    TEXT,
    TOKEN,
    URI,
    Value,
    integers,
    words,
)
from harness.xmpp.namespaces import MUC_ADMIN, MUC_OWNER, PUBSUB, PUBSUB_OWNER

GEOLOC = "http://jabber.org/protocol/geoloc"
TUNE = "http://jabber.org/protocol/tune"
MOOD = "http://jabber.org/protocol/mood"
ACTIVITY = "http://jabber.org/protocol/activity"
AVATAR_DATA = "urn:xmpp:avatar:data"
AVATAR = "urn:xmpp:avatar:metadata"
ATOM = "http://www.w3.org/2005/Atom"
MICROBLOG = "urn:xmpp:microblog:0"

_PUBLISH_OPTIONS = node(PUBSUB, "publish-options", one(submit(PUBSUB + "#publish-options")))
_SUBSCRIBER = words("${me}")


def _published(name: Value, payload: Node) -> Children:
    item = node(PUBSUB, "item", may("id", TOKEN), one(payload))
    return one(
        node(
            PUBSUB,
            "pubsub",
            one(node(PUBSUB, "publish", needs("node", name), one(item))),
            maybe(_PUBLISH_OPTIONS),
        )
    )


def _leaf(namespace: str, local: str, value: Value) -> Children:
    return maybe(node(namespace, local, value))


_PLACE = node(
    GEOLOC,
    "geoloc",
    _leaf(GEOLOC, "lat", DECIMAL),
    _leaf(GEOLOC, "lon", DECIMAL),
    _leaf(GEOLOC, "accuracy", DECIMAL),
    _leaf(GEOLOC, "country", TEXT),
    _leaf(GEOLOC, "locality", TEXT),
    _leaf(GEOLOC, "timestamp", DATETIME),
)
_TUNE = node(
    TUNE,
    "tune",
    _leaf(TUNE, "artist", TEXT),
    _leaf(TUNE, "length", integers(0, 65535, 0)),
    _leaf(TUNE, "rating", integers(1, 10)),
    _leaf(TUNE, "title", TEXT),
    _leaf(TUNE, "uri", URI),
)
_MOOD = node(
    MOOD, "mood", one(*(node(MOOD, one) for one in ("happy", "sad", "in_awe"))), _leaf(MOOD, "text", TEXT)
)
_ACTIVITY = node(
    ACTIVITY,
    "activity",
    one(node(ACTIVITY, "relaxing", maybe(node(ACTIVITY, "partying"))), node(ACTIVITY, "working")),
    _leaf(ACTIVITY, "text", TEXT),
)
_PICTURE = node(
    AVATAR,
    "metadata",
    maybe(
        node(
            AVATAR,
            "info",
            needs("bytes", integers(1, 2**24)),
            needs("id", SHA1),
            needs("type", words("image/png")),
            may("height", integers(0, 65535)),
            may("width", integers(0, 65535)),
            may("url", URI),
        )
    ),
)
_ENTRY = node(
    ATOM,
    "entry",
    one(node(ATOM, "title", TEXT, may("type", words("text", "html")))),
    one(node(ATOM, "id", URI)),
    one(node(ATOM, "updated", DATETIME)),
    many(node(ATOM, "link", needs("href", URI), may("rel", words("alternate")))),
)
_ROOM_MEMBER = node(
    MUC_ADMIN,
    "item",
    needs("affiliation", words("member", "admin", "outcast", "none", "owner")),
    needs("jid", BARE_JID),
    may("nick", NICK),
    maybe(node(MUC_ADMIN, "reason", TEXT)),
)
_OCCUPANT_ROLE = node(
    MUC_ADMIN,
    "item",
    needs("nick", NICK),
    needs("role", words("visitor", "participant", "moderator", "none")),
    maybe(node(MUC_ADMIN, "reason", TEXT)),
)
_ASKED_MEMBERS = node(MUC_ADMIN, "item", needs("affiliation", words("member", "admin", "outcast", "owner")))
_ASKED_ROLES = node(MUC_ADMIN, "item", needs("role", words("moderator", "participant", "visitor")))
_DESTROY = node(
    MUC_OWNER,
    "destroy",
    may("jid", JID),
    maybe(node(MUC_OWNER, "reason", TEXT)),
    maybe(node(MUC_OWNER, "password", TOKEN)),
)


def _pubsub(*content: Children) -> Children:
    return one(node(PUBSUB, "pubsub", *content))


def _owned(local: str) -> Children:
    return one(node(PUBSUB_OWNER, "pubsub", one(node(PUBSUB_OWNER, local, needs("node", NODE)))))


PUBLICATIONS: tuple[Payload, ...] = (
    iq("place", "XEP-0080", _published(words(GEOLOC), _PLACE), types="set"),
    iq("tune", "XEP-0118", _published(words(TUNE), _TUNE), types="set"),
    iq("mood", "XEP-0107", _published(words(MOOD), _MOOD), types="set"),
    iq("activity", "XEP-0108", _published(words(ACTIVITY), _ACTIVITY), types="set"),
    iq("own nick", "XEP-0172", _published(words(NICKS), node(NICKS, "nick", NICK)), types="set"),
    iq("avatar", "XEP-0084", _published(words(AVATAR), _PICTURE), types="set"),
    iq(
        "avatar data",
        "XEP-0084",
        _published(words(AVATAR_DATA), node(AVATAR_DATA, "data", BASE64)),
        types="set",
    ),
    iq("entry", "XEP-0277", _published(words(MICROBLOG), _ENTRY), types="set"),
    iq("anything", "XEP-0060, 7.1", _published(NODE, node("urn:example:unknown", "x", TEXT)), types="set"),
    iq(
        "items",
        "XEP-0060, 6.5",
        _pubsub(
            one(
                node(
                    PUBSUB,
                    "items",
                    needs("node", NODE),
                    may("max_items", COUNT),
                    many(node(PUBSUB, "item", needs("id", TOKEN))),
                )
            ),
            maybe(SET),
        ),
        to=(*OWN_ACCOUNT, "${peer}", *SERVER),
    ),
    iq(
        "node subscribed",
        "XEP-0060, 6.1",
        _pubsub(
            one(node(PUBSUB, "subscribe", needs("node", NODE), needs("jid", _SUBSCRIBER))),
            maybe(node(PUBSUB, "options", one(submit(PUBSUB + "#subscribe_options")))),
        ),
        types="set",
        to=(*SERVER, "${peer}"),
    ),
    iq(
        "node unsubscribed",
        "XEP-0060, 6.2",
        _pubsub(
            one(
                node(
                    PUBSUB, "unsubscribe", needs("node", NODE), needs("jid", _SUBSCRIBER), may("subid", TOKEN)
                )
            )
        ),
        types="set",
        to=(*SERVER, "${peer}"),
    ),
    iq(
        "retraction",
        "XEP-0060, 7.2",
        _pubsub(
            one(
                node(
                    PUBSUB,
                    "retract",
                    needs("node", NODE),
                    may("notify", words("true", "1")),
                    one(node(PUBSUB, "item", needs("id", TOKEN))),
                )
            )
        ),
        types="set",
    ),
    iq(
        "node created",
        "XEP-0060, 8.1",
        _pubsub(
            one(node(PUBSUB, "create", may("node", NODE))),
            maybe(node(PUBSUB, "configure", maybe(submit(PUBSUB + "#node_config")))),
        ),
        types="set",
    ),
    iq(
        "subscriptions",
        "XEP-0060, 5.6",
        _pubsub(one(node(PUBSUB, "subscriptions", may("node", NODE)))),
        to=SERVER,
    ),
    iq(
        "affiliations",
        "XEP-0060, 5.7",
        _pubsub(one(node(PUBSUB, "affiliations", may("node", NODE)))),
        to=SERVER,
    ),
    iq("node configured", "XEP-0060, 8.2", _owned("configure")),
    iq("node deleted", "XEP-0060, 8.4", _owned("delete"), types="set"),
    iq("node purged", "XEP-0060, 8.5", _owned("purge"), types="set"),
    iq("subscribers", "XEP-0060, 8.8.1", _owned("subscriptions")),
    iq("affiliated", "XEP-0060, 8.9.1", _owned("affiliations")),
    iq("room's form", "XEP-0045, 10.1.3", one(node(MUC_OWNER, "query")), to=ROOM),
    iq(
        "room configured",
        "XEP-0045, 10.1.3",
        one(node(MUC_OWNER, "query", one(submit("http://jabber.org/protocol/muc#roomconfig")))),
        types="set",
        to=ROOM,
    ),
    iq(
        "room destroyed", "XEP-0045, 10.9", one(node(MUC_OWNER, "query", one(_DESTROY))), types="set", to=ROOM
    ),
    iq("members", "XEP-0045, 9.5", one(node(MUC_ADMIN, "query", one(_ASKED_MEMBERS, _ASKED_ROLES))), to=ROOM),
    iq(
        "members changed",
        "XEP-0045, 9",
        one(node(MUC_ADMIN, "query", many(_ROOM_MEMBER, _OCCUPANT_ROLE, least=1))),
        types="set",
        to=ROOM,
    ),
)
