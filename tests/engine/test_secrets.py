"""Passwords stay out of records, however they are spelled."""

import base64
import hashlib
from urllib.parse import quote, quote_plus

import pytest

from harness.engine.secrets import MASK, Secrets

PASSWORD = "pa&ss<w>'rd\"-1"
PLAIN = base64.b64encode(f"\0romeo\0{PASSWORD}".encode()).decode()
AS_ANOTHER = base64.b64encode(f"juliet@a\0romeo\0{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"a {PASSWORD} b",
        "<password>pa&amp;ss&lt;w&gt;&apos;rd&quot;-1</password>",
        "<password>pa&amp;ss&lt;w&gt;'rd\"-1</password>",
        "<a password='pa&amp;ss&lt;w&gt;&#x27;rd&quot;-1'/>",
        f"<auth mechanism='PLAIN'>{PLAIN}</auth>",
        f"<auth mechanism='PLAIN'>{PLAIN.rstrip('=')}</auth>",
        f"+ <auth>{AS_ANOTHER}",
        base64.b64encode(PASSWORD.encode()).decode(),
        PASSWORD.encode().hex(),
        PASSWORD.encode().hex().upper(),
        quote(PASSWORD),
        quote_plus(PASSWORD),
        f"<x>{base64.b64encode(f'not-{PASSWORD}'.encode()).decode()}</x>",
    ],
)
def test_a_password_is_masked_in_every_spelling(text: str) -> None:
    masked = Secrets([PASSWORD]).mask(text)
    assert MASK in masked
    assert "rd" not in masked.replace("password", "")


def test_other_things_stay() -> None:
    text = "<iq id='c29tZXRoaW5n' from='romeo@a/b'><vCard><PHOTO>aGVsbG8gd29ybGQ=</PHOTO></vCard></iq>"
    assert Secrets([PASSWORD]).mask(text) == text


def test_a_name_is_not_hidden_though_it_is_the_password() -> None:
    secrets = Secrets()
    secrets.add("romeo", public="romeo@a.example")
    masked = secrets.mask("<iq from='romeo@a.example'><password>romeo</password></iq>")
    assert masked == f"<iq from='romeo@a.example'><password>{MASK}</password></iq>"
    message = base64.b64encode(b"\0romeo\0romeo").decode()
    assert secrets.mask(f"<auth>{message}</auth>") == f"<auth>{MASK}</auth>"


def test_what_a_difference_quotes_is_masked_too() -> None:
    secrets = Secrets([PASSWORD])
    assert secrets.mask(f"<auth>{PLAIN}</auth>") == f"<auth>{MASK}</auth>"
    assert secrets.mask(f"text is '\\n\\t{PLAIN}'") == f"text is '\\n\\t{MASK}'"
    for length in (4, 8, len(PLAIN) - 1):
        assert secrets.mask(f"a {PLAIN[:length]}…</x>") == f"a {MASK}…</x>"
    assert secrets.mask(f"a {PASSWORD[:5]}…") == f"a {MASK}…"


def test_a_digest_is_masked() -> None:
    secrets = Secrets([PASSWORD])
    secrets.add_stream("3EE948B0")
    digest = hashlib.sha1(f"3EE948B0{PASSWORD}".encode()).hexdigest()
    assert secrets.mask(f"<digest>{digest}</digest>") == f"<digest>{MASK}</digest>"


def test_what_a_script_makes_up_is_learned_where_passwords_are_sent() -> None:
    secrets = Secrets()
    secrets.learn("<query xmlns='jabber:iq:register'><password>new &amp; fresh</password></query>")
    secrets.learn(f"<auth xmlns='urn:x' mechanism='PLAIN'>{PLAIN}</auth>")
    masked = secrets.mask(f"new & fresh, {PASSWORD}")
    assert masked == f"{MASK}, {MASK}"


def test_what_a_form_registers_is_learned() -> None:
    secrets = Secrets()
    field = "<field type='text-private' var='password'><value>fresh &lt;</value></field>"
    secrets.learn(f"<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data'>{field}</x></query>")
    assert secrets.mask("fresh < and <value>fresh &lt;</value>") == f"{MASK} and <value>{MASK}</value>"


@pytest.mark.parametrize("first", ["Z", "2", "/", "+"])
def test_a_signature_on_which_passwords_can_be_tried_is_masked(first: str) -> None:
    signature = base64.b64encode(f"v={first}bOc8Uu9f/drW1puKemEXWjY+G2fm8lS735PtInfcuE=".encode()).decode()
    assert (
        Secrets().mask(f"<success xmlns='a'>{signature}</success>") == f"<success xmlns='a'>{MASK}</success>"
    )
    assert Secrets().mask(f"text is '{signature}'") == f"text is '{MASK}'"


def test_the_password_of_a_room_is_no_secret() -> None:
    secrets = Secrets()
    secrets.learn("<x xmlns='http://jabber.org/protocol/muc'><password>cauldronburn</password></x>")
    assert secrets.mask("cauldronburn") == "cauldronburn"
