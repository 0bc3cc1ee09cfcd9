"""Reading the journal of what was done."""
