"""What an item of the archive says of its track, or why it is none that can be stored.

Only the fields that are named here are ever looked at: where, on what and as whom somebody
listened is not among them.
"""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from ingest.identity import spotify_track_id
from ingest.online.values import number, text

PODCAST = "a podcast, not a track"
AUDIOBOOK = "an audiobook, not a track"
VIDEO = "a video, not a track"
LOCAL = "a local file, which Spotify knows nothing about"
NO_ID = "no id of a track of Spotify's"
NO_TITLE = "no title"
NO_DATE = "no date that can be right"
NO_TIME = "no playing time that can be right"
NO_NAME = "the playlist has no name"
EMPTY = "the item is empty: the track was removed from Spotify"
NOT_UNDERSTOOD = "not understood"

_OTHER_ITEMS = {"episode": PODCAST, "audiobook": AUDIOBOOK, "localTrack": LOCAL, "video": VIDEO}
_OTHER_PLAYS = {
    "spotify_episode_uri": PODCAST,
    "episode_name": PODCAST,
    "audiobook_uri": AUDIOBOOK,
    "audiobook_chapter_uri": AUDIOBOOK,
    "audiobook_title": AUDIOBOOK,
}
# What stands for the names of local files and of tracks that are gone.
_UNKNOWN = ("Unknown Track", "Unknown Artist")
_FIRST_DAY = datetime(2006, 1, 1)  # Spotify was founded; clocks that were never set say 1970
_LONGEST_MS = 86_400_000


class Track(NamedTuple):
    """A track as the archive names it; without an id of Spotify's, ``track_id`` is None."""

    track_id: str | None
    title: str
    artist: str | None
    album: str | None


class Play(NamedTuple):
    """A play: of what, when it ended (UTC, without a time zone), and how long it was."""

    track: Track
    ended_at: datetime
    ms_played: int


def name(value: object) -> str | None:
    r"""Return a name on one line, in letters that every program can write; None if there is none.

    >>> name(" One  Two "), name(""), name("half of a pair: \ud83d")
    ('One Two', None, 'half of a pair: ?')
    """
    found = text(value)
    return found and (" ".join(found.encode(errors="replace").decode().split()) or None)


def playlist_item(item: Any) -> Track | str:
    """Return the track of an item of a playlist, or why it is none."""
    if not isinstance(item, dict):
        return NOT_UNDERSTOOD
    track = item.get("track")
    if isinstance(track, dict):
        return _track(track, "trackUri", "trackName", "artistName", "albumName")
    return next((why for key, why in _OTHER_ITEMS.items() if item.get(key)), EMPTY)


def library_item(item: Any) -> Track | str:
    """Return a saved track, or why it is none."""
    if not isinstance(item, dict):
        return NOT_UNDERSTOOD
    return _track(item, "uri", "track", "artist", "album")


def play(item: Any) -> Play | str:
    """Return a play of the extended history, or why it is none."""
    if not isinstance(item, dict):
        return NOT_UNDERSTOOD
    if not item.get("spotify_track_uri"):
        return next((why for key, why in _OTHER_PLAYS.items() if item.get(key)), NO_ID)
    track = _track(
        item,
        "spotify_track_uri",
        "master_metadata_track_name",
        "master_metadata_album_artist_name",
        "master_metadata_album_album_name",
    )
    return _play(track, item.get("ts"), item.get("ms_played"))


def play_by_name(item: Any) -> Play | str:
    """Return a play of the history of the last year, which has no ids, or why it is none."""
    if not isinstance(item, dict):
        return NOT_UNDERSTOOD
    title, artist = name(item.get("trackName")), name(item.get("artistName"))
    if title is None or (title, artist) == _UNKNOWN:
        return NO_TITLE
    return _play(Track(None, title, artist, None), item.get("endTime"), item.get("msPlayed"))


def day(value: object) -> str | None:
    """Return the day of a date, YYYY-MM-DD; None if it cannot be right."""
    moment = _moment(value)
    return moment and moment.date().isoformat()


def _track(
    fields: dict, uri_key: str, title_key: str, artist_key: str, album_key: str
) -> Track | str:
    get = fields.get
    return _named(text(get(uri_key)), *map(text, (get(title_key), get(artist_key), get(album_key))))


# The same track comes again and again in a history.
@lru_cache(maxsize=100_000)
def _named(
    uri: str | None, title: str | None, artist: str | None, album: str | None
) -> Track | str:
    uri, title = uri or "", name(title)
    if uri.startswith("spotify:local:"):
        return LOCAL
    if uri.startswith("spotify:episode:"):
        return PODCAST
    track_id = spotify_track_id(uri)
    if track_id is None:
        return NO_ID
    if title is None:
        return NO_TITLE
    return Track(track_id, title, name(artist), name(album))


def _play(track: Track | str, ended_at: object, ms_played: object) -> Play | str:
    if isinstance(track, str):
        return track
    moment, length = _moment(ended_at), number(ms_played)
    if moment is None:
        return NO_DATE
    if length is None or not 0 <= length <= _LONGEST_MS:
        return NO_TIME
    return Play(track, moment, round(length))


def _moment(value: object) -> datetime | None:
    """Return a moment in UTC, without a time zone."""
    try:
        moment = datetime.fromisoformat(text(value) or "")
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment if _FIRST_DAY <= moment <= _latest() else None


@cache
def _latest() -> datetime:
    """Return the moment after which nobody can have listened, whatever clock was wrong by a day."""
    return datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
