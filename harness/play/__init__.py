"""One case from one perspective, without I/O."""
