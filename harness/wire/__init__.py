"""The XML stream without I/O: bytes in, events out; and the effects that protocol code asks for."""
