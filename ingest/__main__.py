"""Entry point of ``python -m ingest``."""

if __name__ == "__main__":
    # Imported here, as worker processes import this file too and need none of it.
    from ingest.cli import main

    main()
