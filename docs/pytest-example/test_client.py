"""Tests of a client library in Python; here it is a few lines that know no TLS."""

import base64
import socket

SCENARIO = """# A client answers a ping
## tests: client
## covers: rfc6120-stanza-iq-reply

[Client] Romeo

---------

Romeo connects
Romeo receives:
	<iq type='get' id='p1' from='${domain}' to="${Romeo's full JID}"><ping xmlns='urn:xmpp:ping'/></iq>
Romeo sends:
	<iq type='result' id='p1' to='${domain}'/>
"""


class TinyClient:
    """Logs in by PLAIN, and answers pings."""

    def __init__(self, server):
        self.server = server
        self.line = socket.create_connection((server.host, server.port), timeout=5)

    def talk(self, said, until):
        self.line.sendall(said.encode())
        received = ""
        while until not in received:
            if not (data := self.line.recv(4096)):
                raise ConnectionError(f"the server has ended the connection after {received!r}")
            received += data.decode()
        return received

    def log_in(self):
        namespaces = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        header = f"<stream:stream {namespaces} to='{self.server.domain}' version='1.0'>"
        self.talk(header, "</stream:features>")
        secret = base64.b64encode(f"\0{self.server.username}\0{self.server.password}".encode()).decode()
        auth = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
        self.talk(auth, "<success")
        self.talk(header, "</stream:features>")
        self.talk("<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "</iq>")

    def answer_a_ping(self):
        self.talk("<presence/>", "urn:xmpp:ping")
        self.line.sendall(b"<iq type='result' id='p1' to='localhost'/></stream:stream>")
        self.line.recv(4096)
        self.line.close()


def test_pings_are_answered(xmpp_fake_server):
    with xmpp_fake_server(SCENARIO, tls="disabled") as server:
        client = TinyClient(server)
        client.log_in()
        client.answer_a_ping()
