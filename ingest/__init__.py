"""Filling the feature store: ``python -m ingest``. One file a source in ``sources``."""
