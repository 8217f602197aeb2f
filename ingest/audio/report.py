"""What a scan of a folder did, in words."""

from ingest.online.uploads import Uploaded
from ingest.sources.audio import Scanned

_SHOWN = 5
_ORDER = ("added", "linked", "updated", "moved", "copies", "unchanged", "rejected")


def summary(done: Scanned) -> list[str]:
    """Return a summary whose numbers add up to the files found, and what else to know."""
    parts = [f"{done.outcomes[name]:,} {name}" for name in _ORDER if done.outcomes.get(name)]
    lines = [f"{done.source}: {done.n_files:,} audio files: {', '.join(parts)}"]
    n_left = done.n_files - sum(done.outcomes.values())
    if n_left:
        lines.append(f"  {n_left:,} not read yet")
    if done.outcomes.get("rejected"):
        lines.append("  why files were rejected is in the table rejects")
    if done.n_other:
        lines.append(f"  {done.n_other:,} other files were left out")
    if done.vanished:
        lines.append(f"  vanished, but their tracks are kept: {_listed(done.vanished)}")
    if done.damaged:
        lines.append(f"  damaged tags, so called as the file: {_listed(done.damaged)}")
    return lines + (_of_uploads(done.uploaded) if done.uploaded else [])


def _listed(paths: list[str]) -> str:
    more = " …" if len(paths) > _SHOWN else ""
    noun = "file" if len(paths) == 1 else "files"
    return f"{len(paths):,} {noun} ({', '.join(paths[:_SHOWN])}{more})"


def _of_uploads(done: Uploaded) -> list[str]:
    lines = [f"  {done.n_found:,} of {done.n_wanted:,} tracks got Spotify-style values online"]
    lines += [f"  {n:,} did not: {reason}" for reason, n in done.failed.most_common(_SHOWN)]
    if done.n_dropped:
        lines.append(f"  {done.n_dropped:,} values were impossible and left out")
    if done.stopped:
        lines.append(f"  ended early: {done.stopped}")
    return lines
