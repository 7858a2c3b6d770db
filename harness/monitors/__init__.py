"""Rules that watch every stream of every case."""
