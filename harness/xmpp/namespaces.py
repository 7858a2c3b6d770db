"""XML names and the namespaces of XMPP, each spelled once."""

from typing import NamedTuple


class Name(NamedTuple):
    """An expanded XML name. `str()` gives Clark notation, `{namespace}local`, or the local name alone."""

    namespace: str
    local: str

    def __str__(self) -> str:
        return f"{{{self.namespace}}}{self.local}" if self.namespace else self.local

    @classmethod
    def of(cls, clark: str) -> "Name":
        """Read Clark notation."""
        if clark.startswith("{"):
            namespace, _, local = clark[1:].rpartition("}")  # a namespace may hold any sign
            return cls(namespace, local)
        return cls("", clark)


CLIENT = "jabber:client"
SERVER = "jabber:server"
COMPONENT_ACCEPT = "jabber:component:accept"
STREAM = "http://etherx.jabber.org/streams"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
XML = "http://www.w3.org/XML/1998/namespace"
XMLNS = "http://www.w3.org/2000/xmlns/"

AUTH = "jabber:iq:auth"
AUTH_FEATURE = "http://jabber.org/features/iq-auth"
REGISTER = "jabber:iq:register"
REGISTER_FEATURE = "http://jabber.org/features/iq-register"
ROSTER = "jabber:iq:roster"
ROSTER_VERSIONING = "urn:xmpp:features:rosterver"
PRE_APPROVAL = "urn:xmpp:features:pre-approval"
PRIVATE = "jabber:iq:private"
VERSION = "jabber:iq:version"
LAST = "jabber:iq:last"
LEGACY_TIME = "jabber:iq:time"
TIME = "urn:xmpp:time"
PING = "urn:xmpp:ping"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
CAPS = "http://jabber.org/protocol/caps"
VCARD = "vcard-temp"
MUC = "http://jabber.org/protocol/muc"
MUC_USER = MUC + "#user"
MUC_ADMIN = MUC + "#admin"
MUC_OWNER = MUC + "#owner"
CONFERENCE = "jabber:x:conference"
DATA_FORMS = "jabber:x:data"
DELAY = "urn:xmpp:delay"
LEGACY_DELAY = "jabber:x:delay"
OOB = "jabber:x:oob"
IQ_OOB = "jabber:iq:oob"
BROWSE = "jabber:iq:browse"
IQ_CONFERENCE = "jabber:iq:conference"
OCCUPANT_ID = "urn:xmpp:occupant-id:0"
AGENTS = "jabber:iq:agents"
SEARCH = "jabber:iq:search"
IQ_GATEWAY = "jabber:iq:gateway"
X_EVENT = "jabber:x:event"
PUBSUB = "http://jabber.org/protocol/pubsub"
PUBSUB_EVENT = PUBSUB + "#event"
PUBSUB_OWNER = PUBSUB + "#owner"
PUBSUB_ERRORS = PUBSUB + "#errors"
CARBONS = "urn:xmpp:carbons:2"
FORWARD = "urn:xmpp:forward:0"
BLOCKING = "urn:xmpp:blocking"
BLOCKING_ERRORS = BLOCKING + ":errors"
STREAM_MANAGEMENT = "urn:xmpp:sm:3"
MAM = "urn:xmpp:mam:2"
CHANNEL_BINDING = "urn:xmpp:sasl-cb:0"
CSI = "urn:xmpp:csi:0"
COMMANDS = "http://jabber.org/protocol/commands"
STANZA_IDS = "urn:xmpp:sid:0"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"

#: Prefixes that a transcript may use without declaring them.
WELL_KNOWN_PREFIXES = {"stream": STREAM, "xml": XML}
