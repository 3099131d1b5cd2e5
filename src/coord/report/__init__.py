"""From results to what people and machines read. Reporters see a result and nothing else."""
