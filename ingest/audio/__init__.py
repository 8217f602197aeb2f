"""Reading folders of audio: what a file is, its tags, its recording, and who does the work."""
