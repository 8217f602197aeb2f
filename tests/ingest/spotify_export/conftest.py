"""Archives as Spotify writes them, with a person in them who must not be in the store."""

import json
import zipfile
from pathlib import Path

import pytest

# What the archive says of the person; none of it may come out again.
PERSONAL = {
    "username": "janet-planted-31",
    "email": "janet.planted@mail.example",
    "country": "Kiribatistan",
    "ip_addr": "203.0.113.77",
    "platform": "Planted-OS 9.1 (PlantedPhone, PP-77)",
    "user_agent_decrypted": "PlantedAgent/4.2",
    "address": "17 Planted Lane",
    "collaborator": "planted-friend-99",
}


def uri(number: int) -> str:
    """Return the URI of a track; its id ends in the number."""
    return f"spotify:track:{number:022d}"


def track_id(number: int) -> str:
    """Return the id of a track in the store."""
    return f"spotify:{number:022d}"


def heard(number, ts, ms, **changes) -> dict:
    """Return a play as the extended history has it: track ``n`` is "Song n" by "Band"."""
    return {
        "ts": ts,
        "username": PERSONAL["username"],
        "platform": PERSONAL["platform"],
        "ms_played": ms,
        "conn_country": PERSONAL["country"],
        "ip_addr_decrypted": PERSONAL["ip_addr"],
        "ip_addr": PERSONAL["ip_addr"],
        "user_agent_decrypted": PERSONAL["user_agent_decrypted"],
        "master_metadata_track_name": f"Song {number}",
        "master_metadata_album_artist_name": "Band",
        "master_metadata_album_album_name": "Album",
        "spotify_track_uri": uri(number),
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "audiobook_title": None,
        "audiobook_uri": None,
        "reason_start": "trackdone",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": None,
        "offline": False,
        "offline_timestamp": 1_714_565_000,
        "incognito_mode": False,
    } | changes


def heard_by_name(number, end_time, ms, **changes) -> dict:
    """Return a play as the history of the last year has it."""
    return {
        "endTime": end_time,
        "artistName": "Band",
        "trackName": f"Song {number}",
        "msPlayed": ms,
    } | changes


def listed(number, added="2024-05-01", **changes) -> dict:
    """Return an item of a playlist."""
    track = {
        "trackName": f"Song {number}",
        "artistName": "Band",
        "albumName": "Album",
        "trackUri": uri(number),
    }
    return {
        "track": track | changes,
        "episode": None,
        "audiobook": None,
        "localTrack": None,
        "addedDate": added,
    }


def other(**kinds) -> dict:
    """Return an item of a playlist that is no track."""
    return listed(0) | {"track": None} | kinds


def saved(number, **changes) -> dict:
    """Return a saved track."""
    return {
        "artist": "Band",
        "album": "Album",
        "track": f"Song {number}",
        "uri": uri(number),
    } | changes


def playlists(**lists) -> dict:
    """Return the content of Playlist1.json."""
    return {
        "playlists": [
            {
                "name": name,
                "lastModifiedDate": "2024-06-01",
                "collaborators": [PERSONAL["collaborator"]],
                "description": PERSONAL["email"],
                "numberOfFollowers": 1,
                "items": rows,
            }
            for name, rows in lists.items()
        ]
    }


PODCAST = {
    "master_metadata_track_name": None,
    "master_metadata_album_artist_name": None,
    "spotify_track_uri": None,
    "episode_name": "Talk",
    "episode_show_name": "Show",
    "spotify_episode_uri": "spotify:episode:0000000000000000000000",
}
AUDIOBOOK = {
    "master_metadata_track_name": None,
    "spotify_track_uri": None,
    "audiobook_title": "Book",
    "audiobook_uri": "spotify:show:0000000000000000000000",
}

ACCOUNT = {
    "Userdata.json": PERSONAL,
    "Identity.json": {"displayName": PERSONAL["username"]},
    "Playlist1.json": playlists(
        Mine=[
            listed(1),
            listed(2, added="someday"),
            listed(1),
            other(episode={"episodeName": "Talk", "showName": "Show"}),
            other(audiobook={"title": "Book"}),
            other(localTrack={"uri": "spotify:local:Janet::Own+Song:200"}),
            other(),
            listed(3, trackUri=None),
            listed(3, trackUri="spotify:local:Band:Album:Own:200"),
            listed(3, trackName=""),
        ],
        Ours=[listed(2), listed(3, added="2024-05-03")],
    ),
    "YourLibrary.json": {
        "tracks": [saved(3), saved(4), saved(5, uri=None), saved(6, track=None)],
        "shows": [{"name": "Show"}],
        "bannedTracks": [saved(9)],
    },
    "StreamingHistory_music_0.json": [
        heard_by_name(1, "2024-05-01 12:05", 40_000),
        heard_by_name(1, "2024-05-31 23:59", 20_000),
        heard_by_name(1, "2024-06-01 00:00", 29_999),
        heard_by_name(7, "2024-06-01 00:10", 180_000),
        heard_by_name(7, "1970-01-01 00:00", 180_000),
        heard_by_name(7, "yesterday", 180_000),
        heard_by_name(7, "2024-06-01 00:10", None),
        heard_by_name(7, "2024-06-01 00:10", -1),
        heard_by_name(7, "2024-06-01 00:10", 180_000, trackName=""),
        heard_by_name(7, "2024-06-01 00:10", 1, trackName="Unknown Track")
        | {"artistName": "Unknown Artist"},
    ],
    "StreamingHistory_podcast_0.json": [
        {"endTime": "2024-05-01 12:05", "podcastName": "Show", "episodeName": "T", "msPlayed": 1}
    ],
    "StreamingHistory_audiobook_0.json": [{"endTime": "2024-05-01 12:05", "msPlayed": 1}],
}

EXTENDED = {
    "Streaming_History_Audio_2019-2023_0.json": [
        heard(1, "2019-12-31T23:59:59Z", 100_000),
        heard(1, "2020-01-01T00:00:00Z", 90_000),
        heard(1, "2020-01-01T00:00:00Z", 90_000),
        heard(1, "2020-01-02T10:00:00Z", 0),
        heard(2, "2020-01-02T10:00:05Z", 5_000),
        heard(8, "2020-01-02T11:00:00+02:00", 200_000),
        heard(8, "2020-01-02T11:00:00Z", 1, **PODCAST),
        heard(8, "2020-01-02T11:00:00Z", 1, **AUDIOBOOK),
        heard(8, "2020-01-02T11:00:00Z", 1, spotify_track_uri=None),
        heard(8, "2020-01-02T11:00:00Z", 1, spotify_track_uri="spotify:local:a:b:c:1"),
        heard(8, "2020-01-02T11:00:00Z", 1, master_metadata_track_name=None),
        heard(8, "1970-01-01T00:00:00Z", 1),
        heard(8, None, 1),
        heard(8, "2020-01-02T11:00:00Z", "long"),
        "no play",
    ],
    "Streaming_History_Audio_2024_1.json": [heard(1, "2024-05-01T12:05:30Z", 40_000)],
    "Streaming_History_Video_2020-2024.json": [heard(1, "2024-05-01T13:00:00Z", 1000)],
}


@pytest.fixture
def archive(tmp_path):
    """Write files into a folder as Spotify lays them out."""

    def write(files: dict, name: str = "my_spotify_data") -> Path:
        folder = tmp_path / name / "Spotify Account Data"
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_text(json.dumps(content), encoding="utf-8")
        return folder.parent

    return write


@pytest.fixture
def zipped(tmp_path):
    """Write files into a .zip as Spotify sends it."""

    def write(files: dict, name: str = "my_spotify_data.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as file:
            for one, content in files.items():
                file.writestr(f"Spotify Account Data/{one}", json.dumps(content))
                file.writestr(f"__MACOSX/Spotify Account Data/._{one}", b"\x00\x05")
        return tmp_path / name

    return write
