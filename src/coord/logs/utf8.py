"""Bytes that are not UTF-8: kept visible, so that the row they are in can be found and rejected.

Such a byte becomes the noncharacter U+FDD0, which no text has a use for, and two hexadecimal digits.
"""

import re

MARK = "\ufdd0"

_LONE = re.compile("[\udc80-\udcff]")
_MARKED = re.compile(f"{MARK}([0-9a-f]{{2}})")


def marked(data: bytes) -> bytes:
    """The bytes as UTF-8; those that are none are marked."""
    text = data.decode("utf-8", "surrogateescape")
    return _LONE.sub(lambda byte: f"{MARK}{ord(byte[0]) - 0xDC00:02x}", text).encode()


def shown(text: str) -> str:
    r"""Marked text for a person: `\xff` for each byte that was not UTF-8."""
    return _MARKED.sub(r"\\x\1", text)


def whole_characters(data: bytes) -> int:
    """How many bytes there are before a character that is cut off at the end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:  # the first byte of a character of 2 to 4
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if needed > back else len(data)
    return len(data)
