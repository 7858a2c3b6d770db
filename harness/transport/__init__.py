"""Sockets, TLS, listeners: trio starts here."""
