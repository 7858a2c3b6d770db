"""State machines of Hypothesis: what is done in steps, and what has to come of them."""
