"""What is fuzzed of clients."""
