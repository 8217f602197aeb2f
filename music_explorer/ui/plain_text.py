"""Words and numbers for a sentence: text from files is shown as it is, never as Markdown."""

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|$~:&])")


def literal(text: str) -> str:
    """Return one line of text for Markdown to show literally, without markup, icons or formulas."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def counted(n: int, noun: str) -> str:
    """Return a number with its noun: "1 row", "2,000 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
