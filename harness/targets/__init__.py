"""Launches or attaches to what is tested, and gives it accounts."""
