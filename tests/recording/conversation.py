"""Conversations of clients with a server, as a recorder in their middle would hear them."""

from harness.recording.middle import HandOn, Middle, SecureBoth, Source
from harness.recording.session import Listening, Recording

CLIENT, SERVER = Source.CLIENT, Source.SERVER
_HEADER = (
    "<stream:stream {0}='example.org' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'{1}>"
)
OPENING = _HEADER.format("to", "")
ANSWER = _HEADER.format("from", " id='s1'")


def bound(jid: str, resource: str = "") -> tuple[tuple[Source, str], ...]:
    """The end of a login."""
    asked = f"<resource>{resource}</resource>" if resource else ""
    bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{}</bind>"
    return (
        (CLIENT, f"<iq type='set' id='b'>{bind.format(asked)}</iq>"),
        (SERVER, f"<iq type='result' id='b'>{bind.format(f'<jid>{jid}</jid>')}</iq>"),
    )


class Talk:
    """One client with its server."""

    def __init__(self, recording: Recording, jid: str = "", resource: str = "") -> None:
        self.listening: Listening = recording.session()
        self.middle = Middle(self.listening.hear)
        self.say(CLIENT, OPENING)
        self.say(SERVER, ANSWER)
        for source, text in bound(jid, resource) if jid else ():
            self.say(source, text)

    def say(self, source: Source, text: str) -> list[HandOn | SecureBoth]:
        """Have one of the two say something; what is to be done about it."""
        return list(self.middle.take(source, text.encode()))

    def sends(self, text: str) -> "Talk":
        """The client says something."""
        self.say(CLIENT, text)
        return self

    def receives(self, text: str) -> "Talk":
        """The server says something."""
        self.say(SERVER, text)
        return self
