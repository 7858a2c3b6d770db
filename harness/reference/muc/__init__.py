"""The room service: multi-user chat (XEP-0045) and what came before it."""
