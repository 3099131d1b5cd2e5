"""Changes between two catalogues: what differs, and what a started experiment allows."""
