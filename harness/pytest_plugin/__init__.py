"""Scenarios as pytest's items, and fixtures for tests of one's own."""
