"""SYN: files that cannot be read as what they are."""

from coord.checks.rule import ReadingRule


class Unreadable(ReadingRule):
    """A file that is not plain YAML cannot be checked, and what it holds could change meaning between tools.

    YAML 1.2 without tags, surprises or tricks is read; everything else is refused where it stands.
    """

    code = "SYN001"
    title = "unreadable YAML"
    fix = (
        "Write it as plain YAML in UTF-8: quote text that has `: ` or ` #` in it, indent with spaces, leave "
        "out tags and anchors."
    )


class DuplicateKey(ReadingRule):
    """Of two values under one key most tools silently keep the last, so nobody knows which one counts."""

    code = "SYN002"
    title = "duplicate key"
    fix = "Keep one of the two and delete the other."


class Schema(ReadingRule):
    """A misspelt key is a setting that does not act. Every key and value is held against the schema."""

    code = "SYN003"
    title = "not what the schema says"
    fix = (
        "Write what the message asks for. With the modeline of the examples an editor completes keys and "
        "shows what they mean."
    )


class Impossible(ReadingRule):
    """A day that does not exist, traffic of half a bucket or an arm without a slot cannot be run."""

    code = "SYN004"
    title = "impossible date, share or weight"
    fix = (
        "Correct the value. Where traffic is no whole number of buckets, the message names the two nearest "
        "that are."
    )


class NameDiffers(ReadingRule):
    """People find an experiment by its file and the tools by its name, so both must be the same."""

    code = "SYN005"
    title = "name differs from file"
    fix = "Rename the file, or write its name into it, so that both say the same."
