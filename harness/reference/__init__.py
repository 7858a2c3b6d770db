"""The embedded reference server and its faults, without I/O."""
