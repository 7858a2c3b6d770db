"""Whether a scenario notices what it should: plays with errors put in, all in memory."""
