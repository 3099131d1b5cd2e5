"""What a change may do: every field, every unit, every finding, in memory and in real repositories."""
