"""A conversation of other people's client and server, listened to and written down as a scenario."""
