"""Property-based fuzzing: samples are drawn and sent, and what breaks a property is a finding."""
