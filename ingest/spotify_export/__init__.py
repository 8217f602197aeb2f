"""The archive that Spotify sends to a person who asks for their data: reading it, file by file."""
