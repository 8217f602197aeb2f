"""What can go wrong with what a person wants to bring in."""


class IngestError(Exception):
    """A file, address or option cannot be used; the text says which, why, and what to do."""


def shown(value: object) -> str:
    """Return a value of a table as messages echo it: on one line, and not too long of it.

    >>> shown("a  b"), shown(1.5)
    ('a b', '1.5')
    """
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
