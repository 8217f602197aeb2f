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
        more = " …" if len(done.vanished) > _SHOWN else ""
        lines.append(
            f"  {len(done.vanished):,} files have vanished; their tracks are kept: "
            f"{', '.join(done.vanished[:_SHOWN])}{more}"
        )
    return lines + (_of_uploads(done.uploaded) if done.uploaded else [])


def _of_uploads(done: Uploaded) -> list[str]:
    lines = [f"  {done.n_found:,} of {done.n_wanted:,} tracks got Spotify-style values online"]
    lines += [f"  {n:,} did not: {reason}" for reason, n in done.failed.most_common(_SHOWN)]
    if done.n_dropped:
        lines.append(f"  {done.n_dropped:,} values were impossible and left out")
    if done.stopped:
        lines.append(f"  ended early: {done.stopped}")
    return lines
