"""Every question that the pages and the command line ask of a store; rows come back as frames."""

from collections.abc import Iterable, Sequence

import duckdb
import pandas as pd

from music_explorer.store.errors import StoreError
from music_explorer.store.estimates import value_columns
from music_explorer.store.schema import columns

LABELS = ("genre", "subgenre", "playlist", "artist", "decade", "listening year", "listening month")

# A month or year has a track that was played for 30 s in it; a shorter time is a track skipped.
_LISTENED = (
    "SELECT DISTINCT track_id, {0} AS label FROM track_plays GROUP BY track_id, source, {0} "
    "HAVING sum(ms_played) >= 30000"
)
_LABEL_ROWS = {
    "genre": "SELECT DISTINCT track_id, genre AS label FROM track_genres",
    "subgenre": "SELECT DISTINCT track_id, subgenre AS label FROM track_genres "
    "WHERE subgenre IS NOT NULL",
    "playlist": "SELECT DISTINCT track_id, playlist AS label FROM track_playlists",
    "artist": "SELECT track_id, split_part(artist, '; ', 1) AS label FROM tracks "
    "WHERE artist IS NOT NULL",
    "decade": "SELECT track_id, left(release_date, 3) || '0s' AS label FROM tracks "
    "WHERE release_date IS NOT NULL",
    "listening year": _LISTENED.format("left(month, 4)"),
    "listening month": _LISTENED.format("month"),
}


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count tracks, artists, genres, track-genre pairs, sources, tracks with features, rejects.

    Tracks with estimated values are counted apart from those with Spotify-style features.
    """
    row = con.execute(
        """
        SELECT
            (SELECT count(*) FROM tracks) AS tracks,
            (SELECT count(DISTINCT split_part(artist, '; ', 1)) FROM tracks) AS artists,
            (SELECT count(DISTINCT genre) FROM track_genres) AS genres,
            (SELECT count(*) FROM (SELECT DISTINCT track_id, genre FROM track_genres))
                AS track_genre_pairs,
            (SELECT count(DISTINCT source) FROM track_sources) AS sources,
            (SELECT count(*) FROM spotify_features WHERE origin <> 'estimated')
                AS with_spotify_features,
            (SELECT count(*) FROM librosa_features) AS with_librosa_features,
            (SELECT count(*) FROM spotify_features WHERE origin = 'estimated')
                AS with_estimated_values,
            (SELECT count(*) FROM rejects) AS rejects
        """
    )
    return dict(zip([d[0] for d in row.description], row.fetchone(), strict=True))


def genre_counts(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count distinct tracks per ``genre, source``; the playlists of a service are one source."""
    return con.execute(
        "SELECT genre, CASE WHEN starts_with(source, 'spotify:') THEN 'spotify' ELSE source END "
        "AS source, count(DISTINCT track_id) AS n_tracks FROM track_genres "
        "GROUP BY ALL ORDER BY ALL"
    ).df()


def sources(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return one row a source: tracks, genres, last import, its counts."""
    return con.execute(
        """
        SELECT
            s.source,
            count(*) AS n_tracks,
            max(i.location) AS location,
            max(i.finished_at) AS imported_at,
            max(i.n_read) AS n_read,
            max(i.n_rejected) AS n_rejected
        FROM track_sources AS s
        LEFT JOIN (
            SELECT source, arg_max(location, ingest_id) AS location,
                   max(finished_at) AS finished_at, arg_max(n_read, ingest_id) AS n_read,
                   arg_max(n_rejected, ingest_id) AS n_rejected
            FROM ingests GROUP BY source
        ) AS i USING (source)
        GROUP BY s.source ORDER BY n_tracks DESC, s.source
        """
    ).df()


def feature_origins(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count the tracks per ``features, origin``: who computed the values, or that none did."""
    return con.execute(
        "SELECT 'Spotify-style' AS features, origin, count(*) AS n_tracks FROM spotify_features "
        "GROUP BY ALL UNION ALL "
        "SELECT 'Librosa', origin, count(*) FROM librosa_features GROUP BY ALL "
        "ORDER BY features DESC, n_tracks DESC, origin"
    ).df()


def estimates(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the table ``estimates``, the best first; no row where no track has estimated values.

    Measured values may have taken the place of all that was estimated.
    """
    return con.execute(
        "FROM estimates WHERE EXISTS (FROM spotify_features WHERE origin = 'estimated') "
        "ORDER BY r2 DESC, feature, extraction"
    ).df()


def coverage(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Return the share of tracks, 0 to 1, that have a value in each column of ``features``."""
    return dict(con.execute("SELECT column_name, share FROM coverage").fetchall())


def tracks(
    con: duckdb.DuckDBPyConnection, *, within: str = "", most: int | None = None
) -> pd.DataFrame:
    """Return one row a track for people to read, its genres joined by commas, the popular first.

    Parameters
    ----------
    con
        An open store.
    within
        A SELECT of the ``track_id`` that count, as of `selected.matching`; empty for all.
    most
        At most so many rows.
    """
    order = "ORDER BY popularity DESC NULLS LAST, title, track_id"
    return con.execute(
        f"""
        WITH found AS (
            SELECT cover_url, title, artist, album, release_date, duration_ms, popularity, track_id
            FROM tracks {f"WHERE track_id IN ({within})" if within else ""}
            {order} {f"LIMIT {most}" if most else ""}
        ), named AS (
            SELECT track_id, string_agg(DISTINCT genre, ', ' ORDER BY genre) AS genres
            FROM track_genres WHERE track_id IN (SELECT track_id FROM found) GROUP BY track_id
        )
        SELECT f.* EXCLUDE (release_date, duration_ms, popularity, track_id), n.genres,
               f.release_date, f.duration_ms, f.popularity, f.track_id
        FROM found AS f LEFT JOIN named AS n USING (track_id) {order}
        """
    ).df()


def features(
    con: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    *,
    sources: Sequence[str] = (),
    estimated: bool = False,
) -> pd.DataFrame:
    """Return what identifies a track and the named columns, one row a track.

    Always there are ``track_id``, ``title``, ``artist``, ``isrc``, ``release_date``,
    ``duration_ms`` and ``is_estimated``: whether values among the named columns are estimates.

    Parameters
    ----------
    con
        An open store.
    names
        Columns of the view ``features``; those that do not exist are left out.
    sources
        Only tracks that one of these sources has; empty for all.
    estimated
        Whether estimated values count; else they are missing, as if there were none.
    """
    known = {**columns("tracks"), **columns("spotify_features"), **columns("librosa_features")}
    fixed = ("track_id", "title", "artist", "isrc", "release_date", "duration_ms")
    wanted = dict.fromkeys((*fixed, *(name for name in names if name in known)))
    with_estimates = estimated and any(name in value_columns() for name in wanted)
    mark = "coalesce(spotify_origin = 'estimated', false)" if with_estimates else "false"
    picked = ", ".join(f"{_value(name, estimated)} AS {name}" for name in wanted)
    where = "WHERE track_id IN (SELECT track_id FROM track_sources WHERE source IN $sources)"
    frame = con.execute(
        f"SELECT {picked}, {mark} AS is_estimated FROM features {where if sources else ''} "
        "ORDER BY track_id",
        {"sources": list(sources)} if sources else None,
    ).df()
    return frame.astype({name: "float64" for name in names if name in frame.columns})


def presence(
    con: duckdb.DuckDBPyConnection, names: Sequence[str], *, estimated: bool = False
) -> pd.DataFrame:
    """Return which of the named columns tracks have: a row for each pattern, and its ``n_tracks``.

    Parameters
    ----------
    con
        An open store.
    names
        Columns of the view ``features``, of numbers. In the answer 1 stands for a finite value,
        NaN for none.
    estimated
        Whether estimated values count.
    """
    has = ", ".join(
        f"CASE WHEN isfinite({_value(name, estimated)}) THEN 1.0 END AS {name}" for name in names
    )
    return con.execute(
        f"SELECT {has}{', ' if has else ''}count(*) AS n_tracks FROM features GROUP BY ALL"
    ).df()


def _value(name: str, estimated: bool) -> str:
    """Return the expression of a column of ``features``, empty where an estimate does not count."""
    if estimated or name not in value_columns():
        return name
    return f"CASE WHEN spotify_origin <> 'estimated' THEN {name} END"


def models(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return one row a model that the store has vectors of: ``model, n_tracks, n_dimensions``."""
    return con.execute(
        "SELECT model, count(*) AS n_tracks, any_value(len(vector)) AS n_dimensions "
        "FROM embeddings GROUP BY model ORDER BY model"
    ).df()


def vectors(
    con: duckdb.DuckDBPyConnection,
    model: str,
    names: Sequence[str] = (),
    *,
    sources: Sequence[str] = (),
) -> pd.DataFrame:
    """Return what ``features`` does, and the vectors of a model in a column ``vector``.

    A vector is a read-only float32 array; None for a track that has none.

    Raises
    ------
    StoreError
        If the store has no vectors of that model.
    """
    known = models(con).set_index("model")["n_dimensions"]
    if model not in known:
        names = ", ".join(known.index) or "none"
        raise StoreError(f"no vectors of a model {model!r} in this store; it has: {names}")
    rows = con.execute(
        "SELECT track_id, vector FROM embeddings WHERE model = $1", [model]
    ).to_arrow_table()
    values = rows["vector"].combine_chunks().values.to_numpy()
    found = pd.Series(list(values.reshape(-1, known[model])), index=rows["track_id"].to_pandas())
    frame = features(con, names, sources=sources)
    return frame.assign(vector=found.reindex(frame["track_id"]).to_numpy())


def label_rows(kind: str) -> str:
    """Return the SELECT of ``track_id, label`` pairs of one of ``LABELS``."""
    return _LABEL_ROWS[kind]


def labels(con: duckdb.DuckDBPyConnection, kind: str) -> pd.DataFrame:
    """Return ``track_id, label`` pairs of one of ``LABELS``; a track may have several or none."""
    return con.execute(f"{_LABEL_ROWS[kind]} ORDER BY track_id, label").df()


def label_kinds(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the kinds of label that at least one track has."""
    return [
        kind
        for kind in LABELS
        if con.execute(f"SELECT 1 FROM ({_LABEL_ROWS[kind]}) LIMIT 1").fetchone()
    ]


def with_title(con: duckdb.DuckDBPyConnection, track_ids: Iterable[str]) -> set[str]:
    """Return those of some tracks that the store has with a title."""
    rows = con.execute(
        "SELECT track_id FROM tracks WHERE title IS NOT NULL "
        "AND track_id IN (SELECT unnest($1::VARCHAR[]))",
        [list(track_ids)],
    )
    return {track_id for (track_id,) in rows.fetchall()}


def track(con: duckdb.DuckDBPyConnection, track_id: str) -> dict[str, object]:
    """Return everything that the view ``features`` and ``track_genres`` say of one track."""
    frame = con.execute(
        "SELECT f.*, (SELECT string_agg(DISTINCT genre, ', ' ORDER BY genre) FROM track_genres "
        "WHERE track_id = $1) AS genres FROM features AS f WHERE track_id = $1",
        [track_id],
    ).df()
    return {} if frame.empty else frame.iloc[0].to_dict()


def rejects(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the rows and files that the last import of each source did not take, and why."""
    return con.execute(
        "SELECT i.source, r.locator, r.reason FROM rejects AS r "
        "JOIN ingests AS i USING (ingest_id) "
        "WHERE ingest_id IN (SELECT max(ingest_id) FROM ingests GROUP BY source) "
        "ORDER BY ALL LIMIT 10000"
    ).df()


def schema_tree(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return every table and view with its columns, types and meanings, for the SQL page."""
    return con.execute(
        """
        SELECT c.table_name, c.column_name, c.data_type,
               coalesce(c.comment, base.comment) AS meaning
        FROM duckdb_columns() AS c
        LEFT JOIN (
            SELECT column_name, min(comment) AS comment
            FROM duckdb_columns() WHERE NOT internal AND comment IS NOT NULL GROUP BY column_name
        ) AS base USING (column_name)
        WHERE NOT c.internal ORDER BY c.table_name, c.column_index
        """
    ).df()
