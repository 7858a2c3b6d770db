"""What the reference server can be told to do wrong, so that every check is seen to fail."""
