import pytest

from harness.reporters.labels import label

STREAM = "xmlns:stream='http://etherx.jabber.org/streams'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<iq type='set' id='1'><query xmlns='jabber:iq:roster'/></iq>", "iq set roster"),
        ('<iq id="1" type="result"/>', "iq result"),
        ("<iq type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>", "iq get disco#info"),
        (
            "<iq type='error'><query xmlns='a'/><error type='cancel'><item-not-found/></error></iq>",
            "iq error item-not-found",
        ),
        ("<iq type='error'><error code='404'/></iq>", "iq error 404"),
        ("<iq><x/></iq>", "iq without type x"),
        ("<presence/>", "presence"),
        ("<presence type='unavailable'/>", "presence unavailable"),
        (
            "<presence><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>",
            "presence muc#user 110",
        ),
        ("<message type='chat'><body>Hi\n there</body></message>", "message chat “Hi there”"),
        ("<message><received xmlns='urn:xmpp:carbons:2'/></message>", "message carbons:2"),
        (f"<?xml version='1.0'?><stream:stream to='a' {STREAM}>", "stream header a"),
        (f"<stream:stream {STREAM}><stream:features/>", "stream header + 1 more"),
        ("<stream:features><starttls/><c/></stream:features>", "features: starttls, c"),
        ("<stream:features/>", "features: none"),
        ("<stream:error><host-unknown/></stream:error></stream:stream>", "stream error host-unknown"),
        ("</stream:stream>", "stream end"),
        ("<auth mechanism='PLAIN'>[masked]</auth>", "auth PLAIN"),
        ("<failure><not-authorized/></failure>", "failure not-authorized"),
        ("<r xmlns='urn:xmpp:sm:3'/>", "r"),
        ("<presence/><presence/>", "presence + 1 more"),
        (" \n", "white space"),
        ("", "nothing"),
        ("\\xff\\x00", "“\\xff\\x00”"),
        ("<a b='1>2'/>", "a"),
        ("</a></b><c/>", "c"),
    ],
)
def test_label(text: str, expected: str) -> None:
    assert label(text) == expected


@pytest.mark.parametrize(
    "text", ["<a " * 200_000, "<a b='" * 200_000, "<" * 500_000, "<a>" * 200_000, "='" * 200_000]
)
def test_hostile_text_takes_no_time(text: str) -> None:
    assert len(label(text)) < 60
