"""Tables of the specifications, what follows from them, and the scenarios that are their rows."""
