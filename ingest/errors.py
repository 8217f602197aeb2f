"""What can go wrong with what a person wants to bring in."""


class IngestError(Exception):
    """A file, address or option cannot be used; the text says which, why, and what to do."""
