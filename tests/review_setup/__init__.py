"""How a team runs coord in review: the action, the workflows, the hooks."""
