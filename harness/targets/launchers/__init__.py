"""One module a server: how to start a private instance of it."""
