"""Entry script: page configuration and navigation, nothing else."""

from music_explorer.ui.menu import navigation

navigation()
