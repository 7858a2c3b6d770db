"""A client of a few lines that logs in in the clear, and whose program goes wrong in many ways.

    python bad_client.py TROUBLE NOTES

Most troubles begin at once, those of `ON_WORD` when a message says the word. Into the file NOTES go the
process ids of all that it starts.
"""

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import time

WORD = "urn:example:trouble"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"


class Stream:
    def __init__(self):
        address = (os.environ["XMPP_HOST"], int(os.environ["XMPP_PORT"]))
        self.socket = socket.create_connection(address)
        self.user, _, self.domain = os.environ["XMPP_JID"].partition("/")[0].partition("@")
        self.seen = ""

    def send(self, text):
        self.socket.sendall(text.encode())

    def read(self, until):
        """Return what comes up to the text, and the text."""
        while until not in self.seen:
            data = self.socket.recv(65536)
            if not data:
                sys.exit()
            self.seen += data.decode()
        before, _, self.seen = self.seen.partition(until)
        return before + until

    def log_in(self):
        header = (
            f"<stream:stream to='{self.domain}' version='1.0' xmlns='jabber:client' xml:lang='en'"
            " xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        self.send(header)
        self.read("</stream:features>")
        secret = base64.b64encode(f"\0{self.user}\0{os.environ['XMPP_PASSWORD']}".encode()).decode()
        self.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{secret}</auth>")
        self.read("<success")
        self.send(header)
        self.read("</stream:features>")
        self.send(f"<iq type='set' id='b'><bind xmlns='{BIND}'/></iq>")
        self.read("</iq>")

    def go_on(self, trouble):
        while True:
            seen = self.read(">")
            if WORD in seen:
                trouble(self)
            for id in re.findall("<iq[^>]* id=['\"]([^'\"]*)['\"]", seen):
                self.send(f"<iq type='result' id='{id}' to='{self.domain}'/>")
            if "</stream:stream>" in seen:
                self.send("</stream:stream>")
                return


def note(number):
    with open(sys.argv[2], "a") as notes:
        notes.write(f"{number}\n")


def child(*, session):
    """Start something that would stay for long."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    note(subprocess.Popen([sys.executable, "-S", "-c", code], start_new_session=session).pid)


def sleep(stream=None):
    time.sleep(600)


def flood_output(stream=None):
    while True:
        os.write(1, b'{"event": "message"}\n' * 1000)


def flood_stream(stream):
    while True:
        stream.send("<message><body>more and more</body></message>" * 100)


def leave_children(stream=None):
    child(session=False)
    child(session=True)
    os._exit(0)


def deaf(stream):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child(session=True)
    sleep()


def garbage(stream=None):
    os.write(1, bytes(range(256)) * 100 + b'\n\xff\xfe{"event": 7}\n[]\n{"event": "message"}\n')
    os.write(2, bytes(range(256)))


def again(stream):
    """Connect a second time, and say nothing on it."""
    stream.second = socket.create_connection(stream.socket.getpeername())


def crash(stream=None):
    os.kill(os.getpid(), signal.SIGSEGV)


def report_of_sanitizer(stream=None):
    os.write(
        2, b"=================================\n==7==ERROR: AddressSanitizer: heap-use-after-free on 0x1\n"
    )
    os._exit(1)


AT_ONCE = {
    "silence": sleep,
    "exit": lambda: sys.exit(3),
    "flooded-output": flood_output,
    "children": leave_children,
    "crash": crash,
}
ON_WORD = {
    "none": lambda stream: None,
    "silence-later": sleep,
    "deaf": deaf,
    "garbage": garbage,
    "flooded-output-later": flood_output,
    "flooded-stream": flood_stream,
    "children-later": leave_children,
    "second-connection": again,
    "crash-later": crash,
    "sanitizer": report_of_sanitizer,
    "exit-later": lambda stream: sys.exit(3),
}

if __name__ == "__main__":
    note(os.getpid())
    if sys.argv[1] in AT_ONCE:
        AT_ONCE[sys.argv[1]]()
    one = Stream()
    one.log_in()
    one.go_on(ON_WORD[sys.argv[1]])
