"""What a change does: plans of changes between two trees in memory."""
