"""What can go wrong outside store and analysis, in words for the person who runs it."""


class HeadlessError(Exception):
    """A file cannot be read or written; the text says why and what to do."""
