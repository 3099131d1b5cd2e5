"""From text to the catalogue: files, strict YAML with positions, schemas, references."""
