"""Finds scenarios and requirements, and selects among them."""
