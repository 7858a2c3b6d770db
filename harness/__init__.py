"""XMPP conformance test harness."""
