"""What the rows of faults are made of: stanzas, and how the client is set up."""

import base64

from harness.reference_client.settings import TlsUse
from tests.reference_client.conversation import BIND, BOUND, HEADER, LOGIN, SASL, features, mechanisms

ROOM = "hall@rooms.localhost"
MUC = "<x xmlns='http://jabber.org/protocol/muc#user'>%s</x>"
SELF = MUC % "<item/><status code='110'/>"
KICKED = MUC % "<item/><status code='307'/>"
RENAMED = MUC % "<item nick='S'/><status code='303'/><status code='110'/>"
IN = f"<presence from='{ROOM}/R'>{SELF}</presence>"
PUSH = "<iq type='set' id='p1'%s><query xmlns='jabber:iq:roster' ver='v9'>%s</query></iq>"
ITEM = "<item jid='juliet@localhost' subscription='both'/>"
ERROR = "<error type='cancel'><%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
UNKNOWN = "<iq type='get' id='q1' from='juliet@localhost/b'><query xmlns='urn:example:unknown'/></iq>"
DISCO = (
    "<iq type='get' id='d1' from='localhost'><query xmlns='http://jabber.org/protocol/disco#info'%s/></iq>"
)
VERSION = "<iq type='get' id='v1' from='localhost'><query xmlns='jabber:iq:version'/></iq>"
PING = "<iq type='get' id='g1' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
STREAM_ERROR = "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
CARBON = (
    "<message from='%s'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<message xmlns='jabber:client' from='juliet@localhost/b' type='chat'><body>copied</body></message>"
    "</forwarded></received></message>"
)
FIELDS = (
    "<iq type='result' id='register-1'><query xmlns='jabber:iq:register'>"
    "<username/><password/><name/><key>k7</key>%s</query></iq>"
)
ADDRESS = (
    "<iq type='result' id='register-1'><query xmlns='jabber:iq:register'>"
    "<x xmlns='jabber:x:oob'><url>https://localhost/</url></x></query></iq>"
)
FORM = (
    "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>jabber:iq:register"
    "</value></field><field var='username'><required/></field><field var='password'/></x>"
)
REGISTERING = ("register", HEADER + features())
PLUS = ("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS")
SCRAM = ("connect", HEADER + features(mechanisms("SCRAM-SHA-1")))
AUTH_FIELDS = (
    "<iq type='result' id='auth-1'><query xmlns='jabber:iq:auth'>"
    "<username/><digest/><password/><resource/></query></iq>"
)
NOT_AUTHORIZED = f"<failure {SASL}><not-authorized/></failure>"
AFTER_LOGIN = (HEADER + features(BIND), BOUND)
TIRED = f"<failure {SASL}><temporary-auth-failure/></failure>"
CHALLENGED = "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%s</challenge>"
ARCHIVED = (
    "<message from='mallory@localhost/b'>"
    "<result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<message xmlns='jabber:client' from='juliet@localhost/b'><body>inner</body></message>"
    "</forwarded></result></message>"
)
SM = "xmlns='urn:xmpp:sm:3'"
FORWARDED = (
    "<message from='mallory@localhost/b'><body>See</body><forwarded xmlns='urn:xmpp:forward:0'>"
    "<message xmlns='jabber:client' from='juliet@localhost/b'><body>inner</body></message>"
    "</forwarded></message>"
)


def direct(*steps):
    return {"steps": steps, "tls": TlsUse.DIRECT}


def required(*steps, **more):
    return {"steps": steps, "tls": TlsUse.REQUIRED, **more}


def optional(*steps):
    return {"steps": steps, "tls": TlsUse.OPTIONAL}


def disabled(*steps):
    return {"steps": steps, "tls": TlsUse.DISABLED}


def online(*steps):
    return {"steps": (*LOGIN, *steps), "tls": TlsUse.DISABLED}


def secret_signature(_signature):
    return b"not the signature"


def scram(**options):
    return lambda talk: talk.scram(**options)


def counting(count):
    data = base64.b64encode(f"r=f1x,s=c2FsdA==,i={count}".encode()).decode()
    return disabled(*SCRAM, CHALLENGED % data)
