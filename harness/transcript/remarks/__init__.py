"""What `lint` remarks on: one module for each part of a script that has rules of its own."""
