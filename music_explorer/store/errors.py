"""What can go wrong with a store, in words for the person who runs it."""


class StoreError(Exception):
    """The store cannot be read or written; the text says why and what to do."""


class StaleVersion(StoreError):
    """The store was published again since its version was asked for."""
