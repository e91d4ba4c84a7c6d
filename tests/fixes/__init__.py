"""What a machine changes to follow a diagnostic: the edits, and what becomes of the source."""
