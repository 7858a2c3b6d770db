"""What may be sent over an XMPP stream, valid or not, as Hypothesis strategies and as derived variants."""
