"""Words and numbers for a sentence: text from files is shown as it is, never as Markdown."""

import re

# They turn the text around them, or cannot be seen.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What becomes a link or an icon after the escapes are gone; a joiner, which is not seen, breaks it.
_LATE = re.compile(r"(?i)(https?:/|www|@)(?=[/.\w])|(:)(?=[\w+\-/]+:)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|$~:&])")


def literal(text: str) -> str:
    """Return one line of text for Markdown to show literally, without markup, icons or formulas."""
    line = _LATE.sub("\\g<0>\u2060", seen(" ".join(text.split())))
    return _MARKDOWN.sub(r"\\\1", line)


def seen(text: str) -> str:
    """Return text without what turns the direction of its neighbours, and without controls."""
    return _UNSEEN.sub("", text)


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: "1 row", "2,000 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
