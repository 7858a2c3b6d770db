"""What documents are called, and where they can be read."""

_RFC = "https://www.rfc-editor.org/rfc/"
_XEP = "https://xmpp.org/extensions/"

_TITLES = {
    "rfc3920": "XMPP: Core (2004, obsolete)",
    "rfc3921": "XMPP: Instant Messaging and Presence (2004, obsolete)",
    "rfc4422": "Simple Authentication and Security Layer (SASL)",
    "rfc4616": "The PLAIN SASL Mechanism",
    "rfc5802": "SCRAM: Salted Challenge Response Authentication Mechanism",
    "rfc5929": "Channel Bindings for TLS",
    "rfc6120": "XMPP: Core",
    "rfc6121": "XMPP: Instant Messaging and Presence",
    "rfc7395": "An XMPP Subprotocol for WebSocket",
    "rfc7590": "Use of TLS in XMPP",
    "rfc7622": "XMPP: Address Format",
    "rfc7677": "SCRAM-SHA-256 and SCRAM-SHA-256-PLUS",
    "xep0004": "Data Forms",
    "xep0011": "Jabber Browsing",
    "xep0012": "Last Activity",
    "xep0016": "Privacy Lists",
    "xep0018": "Invisible Presence",
    "xep0022": "Message Events",
    "xep0023": "Message Expiration",
    "xep0025": "Jabber HTTP Polling",
    "xep0030": "Service Discovery",
    "xep0045": "Multi-User Chat",
    "xep0048": "Bookmarks",
    "xep0049": "Private XML Storage",
    "xep0050": "Ad-Hoc Commands",
    "xep0054": "vcard-temp",
    "xep0055": "Jabber Search",
    "xep0059": "Result Set Management",
    "xep0060": "Publish-Subscribe",
    "xep0066": "Out of Band Data",
    "xep0077": "In-Band Registration",
    "xep0078": "Non-SASL Authentication",
    "xep0084": "User Avatar",
    "xep0085": "Chat State Notifications",
    "xep0086": "Error Condition Mappings",
    "xep0090": "Legacy Entity Time",
    "xep0091": "Legacy Delayed Delivery",
    "xep0092": "Software Version",
    "xep0093": "Roster Item Exchange",
    "xep0094": "Agent Information",
    "xep0100": "Gateway Interaction",
    "xep0114": "Jabber Component Protocol",
    "xep0115": "Entity Capabilities",
    "xep0124": "Bidirectional-streams Over Synchronous HTTP (BOSH)",
    "xep0133": "Service Administration",
    "xep0153": "vCard-Based Avatars",
    "xep0160": "Best Practices for Handling Offline Messages",
    "xep0163": "Personal Eventing Protocol",
    "xep0178": "Best Practices for Use of SASL EXTERNAL with Certificates",
    "xep0184": "Message Delivery Receipts",
    "xep0191": "Blocking Command",
    "xep0198": "Stream Management",
    "xep0199": "XMPP Ping",
    "xep0202": "Entity Time",
    "xep0203": "Delayed Delivery",
    "xep0206": "XMPP Over BOSH",
    "xep0215": "External Service Discovery",
    "xep0220": "Server Dialback",
    "xep0245": "The /me Command",
    "xep0249": "Direct MUC Invitations",
    "xep0280": "Message Carbons",
    "xep0292": "vCard4 Over XMPP",
    "xep0297": "Stanza Forwarding",
    "xep0308": "Last Message Correction",
    "xep0313": "Message Archive Management",
    "xep0334": "Message Processing Hints",
    "xep0352": "Client State Indication",
    "xep0359": "Unique and Stable Stanza IDs",
    "xep0363": "HTTP File Upload",
    "xep0368": "SRV records for XMPP over TLS",
    "xep0386": "Bind 2",
    "xep0388": "Extensible SASL Profile",
    "xep0402": "PEP Native Bookmarks",
    "xep0410": "MUC Self-Ping",
    "xep0421": "Occupant identifiers for semi-anonymous MUCs",
    "xep0425": "Moderated Message Retraction",
    "xep0440": "SASL Channel-Binding Type Capability",
    "xep0459": "XMPP Compliance Suites 2022",
    "xep0478": "Stream Limits Advertisement",
    "xep0479": "XMPP Compliance Suites 2023",
    "xep0486": "MUC Avatars",
    "prerfc": "Usage older than any document",
}


def title_of(document: str) -> str:
    """Its title; empty where it is not known here."""
    return _TITLES.get(document, "")


def address_of(document: str) -> str:
    """Where its text can be read; empty where there is none.

    >>> address_of("rfc6120"), address_of("xep0045")
    ('https://www.rfc-editor.org/rfc/rfc6120', 'https://xmpp.org/extensions/xep-0045.html')
    """
    if document.startswith("rfc"):
        return f"{_RFC}{document}"
    return f"{_XEP}xep-{document[3:]}.html" if document.startswith("xep") else ""
