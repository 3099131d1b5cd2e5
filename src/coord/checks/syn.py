"""SYN: files that cannot be read as what they are."""

from coord.checks.rule import ReadingRule


class Unreadable(ReadingRule):
    """A file that is not plain YAML cannot be checked, and what it holds could change meaning between tools.

    YAML 1.2 without tags, surprises or tricks is read; everything else is refused where it stands.
    """

    code = "SYN001"
    title = "unreadable YAML"


class DuplicateKey(ReadingRule):
    """Of two values under one key most tools silently keep the last, so nobody knows which one counts."""

    code = "SYN002"
    title = "duplicate key"


class Schema(ReadingRule):
    """A misspelt key is a setting that does not act. Every key and value is held against the schema."""

    code = "SYN003"
    title = "not what the schema says"


class Impossible(ReadingRule):
    """A day that does not exist, traffic of half a bucket or an arm without a slot cannot be run."""

    code = "SYN004"
    title = "impossible date, share or weight"


class NameDiffers(ReadingRule):
    """People find an experiment by its file and the tools by its name, so both must be the same."""

    code = "SYN005"
    title = "name differs from file"
