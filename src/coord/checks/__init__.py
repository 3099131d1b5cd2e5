"""The rules: what must hold of an organisation's files, one small object each."""
