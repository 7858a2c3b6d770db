"""What a run says: verdicts, exchanges, outcomes, and the lines of the run record."""
