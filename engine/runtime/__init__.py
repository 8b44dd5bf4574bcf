"""One turn of a call, and one dial decision: pure functions of what is known."""
