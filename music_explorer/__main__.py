"""Entry point of ``python -m music_explorer``."""

from music_explorer.headless.cli import main

if __name__ == "__main__":
    main()
