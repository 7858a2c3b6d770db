"""Writers of results: console, JUnit, JSON, HTML."""
