"""What runtimes get: the manifest, its readers in two languages, and its page."""
