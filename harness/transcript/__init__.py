"""Text to transcript: parses .scs scripts, Scansion's and our own dialect, and names what is dubious."""
