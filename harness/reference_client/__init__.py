"""A strict client without sockets and clock, and what it can do wrong: the counterpart of `reference`."""
