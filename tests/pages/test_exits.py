"""The tracks that leave by an exit are the selected ones, and their text does nothing."""

import io

import pandas as pd
import plotly.graph_objects as go

from music_explorer.store.selected import everything_of, files_of
from music_explorer.ui import exits

IDS = ["row:110", "row:003", "row:077"]


def test_csv_holds_the_selected_tracks_in_their_order(small_store):
    rows = everything_of(small_store, IDS)
    back = pd.read_csv(io.BytesIO(exits.csv(rows)))
    assert list(back["track_id"]) == IDS
    assert list(back["genres"]) == ["Right", "Left", "Right"]
    assert {"title", "artist", "danceability", "mfcc_01_mean"} <= set(back)


def test_parquet_holds_the_selected_tracks_with_their_values(small_store):
    rows = everything_of(small_store, IDS)
    back = pd.read_parquet(io.BytesIO(exits.parquet(rows)))
    pd.testing.assert_frame_equal(back, rows, check_dtype=False)
    assert list(back["track_id"]) == IDS


def test_a_title_is_no_formula_in_a_spreadsheet():
    rows = pd.DataFrame({"track_id": ["row:1"], "title": ['=HYPERLINK("http://evil")']})
    assert exits.csv(rows).decode("utf-8-sig").splitlines()[1].startswith("row:1,\"'=HYPER")


def test_where_files_lie_is_in_no_table(small_store):
    assert "audio_path" not in everything_of(small_store, IDS)


def test_only_tracks_of_spotify_are_listed_as_its_uris():
    assert exits.spotify_uris(["spotify:a1", "row:7", "spotify:b2"]) == (
        "spotify:track:a1\nspotify:track:b2"
    )


def test_a_playlist_names_each_file_once_whatever_its_title():
    files = pd.DataFrame(
        {
            "title": ["Two\nlines", None],
            "artist": ["One", "Nobody"],
            "duration_ms": [61_400, None],
            "audio_path": ["/music/a.mp3", "/music/é b.flac"],
        }
    )
    assert exits.m3u(files).decode().splitlines() == [
        "#EXTM3U",
        "#EXTINF:61,One - Two lines",
        "/music/a.mp3",
        "#EXTINF:-1,Nobody",
        "/music/é b.flac",
    ]


def test_tracks_without_a_file_are_in_no_playlist_of_files(small_store):
    assert files_of(small_store, IDS).empty


def test_a_figure_leaves_with_its_title_and_where_it_is_from():
    fig = go.Figure(go.Scatter(x=[1, 2], y=[3, 4])).update_layout(title="Two points")
    page = exits.html(fig, "points", "mine, data version ab12; k=2 <script>")
    assert "Two points" in page
    assert "mine, data version ab12; k=2" in page
    assert "k=2 <script>" not in page
    assert '"format": "svg"' in page
    assert fig.layout.title.subtitle.text is None, "the figure of the page stays as it is"
