"""What a run against Spotify and the other services did, in words."""

from collections.abc import Mapping

from ingest.online.filling import Filled
from ingest.sources.spotify import Done

_TITLES = {
    "spotify": "Spotify",
    "reccobeats": "ReccoBeats",
    "deezer": "Deezer",
    "itunes": "iTunes",
}
_EVIDENCE = {"spotify": "by Spotify id", "isrc": "by ISRC", "names": "by artist, title and length"}
_WHAT = {"features": "features", "preview": "previews"}
_ORDER = ("added", "updated", "unchanged", "rejected")


def summary(done: Done) -> list[str]:
    """Return a summary of a run: playlists, then features and previews by provider."""
    read = done.read.counts
    parts = [f"{read['read']:,} read"]
    if done.is_dry:
        parts += [f"{done.n_new:,} tracks would be added", f"{read['rejected']:,} rejected"]
    else:
        parts += [f"{read[name]:,} {name}" for name in _ORDER]
    if read["repeated"]:
        parts.append(f"{read['repeated']:,} repeated")
    if read["left"]:
        parts.append(f"{read['left']:,} that left a playlist taken out")
    line = f"spotify: {_playlists(read, len(done.read.refused))}: {', '.join(parts)}"
    if not (done.is_dry or read["added"] or read["updated"]):
        line += " (nothing changed)"
    if read["rejected"] and not done.is_dry:
        line += "; the reasons are in the table rejects"
    lines = [line]
    lines += [f"  not read: {reason}" for reason in done.read.refused]
    for what, filled in (("features", done.features), ("previews", done.previews)):
        if filled is not None:
            lines += [f"  {line}" for line in _filled(what, filled, done.n_tracks)]
    if done.is_dry:
        lines += [
            f"  {n:,} of {done.n_tracks:,} tracks would be asked for {_WHAT[kind]}"
            for kind, n in done.n_lacking.items()
        ]
        lines.append("  dry run: nothing was written")
    return lines


def _playlists(read: Mapping[str, int], n_refused: int) -> str:
    n_same, n_taken = read["playlists unchanged"], read["playlists taken"]
    n_all = read["playlists read"] + n_same + n_taken + n_refused
    parts = []
    if n_same:
        parts.append(f"{n_same:,} unchanged since they were read")
    if n_taken:
        parts.append(f"{n_taken:,} read by the run before")
    if n_refused:
        parts.append(f"{n_refused:,} not read")
    words = f"{n_all:,} {'playlist' if n_all == 1 else 'playlists'}"
    return words + (f" ({', '.join(parts)})" if parts else "")


def _filled(what: str, filled: Filled, n_tracks: int) -> list[str]:
    if not filled.n_wanted:
        return [f"{what}: all {n_tracks:,} tracks have them"]
    givers = [
        f"{n:,} from {_TITLES[provider]} {_EVIDENCE[evidence]}"
        for (provider, evidence), n in sorted(filled.found.items())
    ]
    parts = [*(givers or ["0 found"]), f"{filled.n_nobody:,} that nobody has"]
    if filled.n_left:
        parts.append(f"{filled.n_left:,} still to be asked for")
    lines = [f"{what} of {filled.n_wanted:,} tracks: {', '.join(parts)}"]
    if filled.is_closed:
        lines.append("Spotify gives this app no audio features (it gives new apps none)")
    if filled.n_dropped:
        lines.append(f"{filled.n_dropped:,} impossible values were left out")
    if filled.failed:
        failed = ", ".join(f"{n:,} of {_TITLES[name]}" for name, n in sorted(filled.failed.items()))
        lines.append(f"could not be used, so asked for again by the next run: {failed}")
    n_without = filled.n_wanted - filled.found.total()
    if what == "previews" and n_without:
        lines.append(
            f"{n_without:,} of {n_tracks:,} tracks have no preview, so no Librosa features; their "
            "other values are kept"
        )
    return lines
