"""What is kept: calls, jobs, suppressions, and the ledger of every decision."""
