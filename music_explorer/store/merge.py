"""Merging what a source read into the tables: identity, replacement, counting."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pyarrow as pa

from music_explorer.store import audio_files, estimates, online, vectors
from music_explorer.store.batch import Batch, Counts, Playlist
from music_explorer.store.errors import StoreError
from music_explorer.store.release import FEATURE_TABLES, release
from music_explorer.store.schema import columns

_BOOKKEEPING = ("origin", "source")
_LISTS = {
    "track_genres": ("track_id", "genre", "subgenre", "genre_as_given", "origin"),
    "track_playlists": ("track_id", "playlist", "position", "added_at"),
    "track_plays": ("track_id", "month", "n_plays", "ms_played"),
}


class Merge:
    """Collect batches of one source after the other and merge each into the private copy.

    ``stage`` as often as a source has batches, then ``merge`` once; ``discard`` instead of
    ``merge`` forgets a source that turned out unusable.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.touched = False
        self.discard()

    def discard(self) -> None:
        """Forget everything staged since the last ``merge``."""
        self._n_rows = self._n_read = self._n_unchanged = 0
        self._rejects: list[tuple[str, str]] = []
        self._files: list[pd.DataFrame] = []
        self._gone: list[str] = []
        self._lookups: list[pd.DataFrame] = []
        self._playlist: Playlist | None = None
        self._present: list[str] = []
        for table in ("stage", "gathered", "incoming", "changed", *(f"stage_{t}" for t in _LISTS)):
            self.con.execute(f"DROP TABLE IF EXISTS temp.{table}")

    def stage(self, batch: Batch) -> None:
        """Add a batch of the current source. Every batch has the columns of the first one."""
        if not self._present:
            self._begin(list(batch.tracks.columns))
        rows = _arrow(batch.tracks, self._present).append_column(
            "row_no", pa.array(range(self._n_rows, self._n_rows + len(batch.tracks)), pa.int64())
        )
        self._insert("stage", rows)
        for table, names in _LISTS.items():
            frame = getattr(batch, table.removeprefix("track_"))
            if frame is not None and len(frame):
                self._insert(f"stage_{table}", _arrow(frame, names))
        self._n_rows += len(batch.tracks)
        self._n_read += batch.n_read
        self._n_unchanged += batch.n_unchanged
        self._rejects += batch.rejects
        if batch.files is not None:
            self._files.append(batch.files)
        self._gone += batch.gone
        if batch.lookups is not None:
            self._lookups.append(batch.lookups)
        self._playlist = batch.playlist or self._playlist

    def merge(
        self, *, source: str, location: str, started_at: datetime, ingest_id: int | None = None
    ) -> Counts:
        """Write what was staged, in one transaction, and record the import.

        The last row of a track wins; a missing value never overwrites one that is known; the
        genres, playlists and plays that this source gave a track before are replaced.

        Parameters
        ----------
        source
            Name of the source; importing under the same name again replaces.
        location
            Where it was read from, for the record.
        started_at
            Start of the import, in UTC without a time zone.
        ingest_id
            An import that this continues, as ``ingest_id`` said after its first ``merge``; its
            counts grow.

        Returns
        -------
        Counts
            What this call did, without what it continues.
        """
        if not self._present:
            self._begin(["track_id"])
        with self._transaction(location):
            self.ingest_id = ingest_id or self._next_id()
            self._gather()
            # Before changes are looked for: a measured value that equals an estimate is one, too.
            estimates.give_way(self.con, self._staged("spotify_features"))
            self._find_changes(source)
            n_added, n_updated, n_unchanged = self._count()
            n_unchanged += self._n_unchanged
            self._write(source, self.ingest_id)
            audio_files.replace(self.con, source, self._files, self._gone)
            for lookups in self._lookups:
                online.put_lookups(self.con, lookups)
            self.n_left = 0
            if self._playlist is not None:
                self.n_left = online.put_playlist(self.con, self._playlist, self.ingest_id)
            counts = Counts(self._n_read, n_added, n_updated, n_unchanged, len(self._rejects))
            self._record(source, location, started_at, counts)
        self.discard()
        return counts

    def put_vectors(
        self,
        batches: Iterable[vectors.Rows],
        *,
        model: str,
        source: str,
        location: str,
        rejects: list[tuple[str, str]],
    ) -> Counts:
        """Give tracks the vectors that a model made of them, in one transaction.

        Parameters
        ----------
        batches
            See `vectors.Rows`; all vectors have the same length.
        model
            Name of the model.
        source
            Name of the source; what it gave before is replaced.
        location
            Where it was read from, for the record.
        rejects
            ``(locator, reason)`` of rows that are no vectors, filled while `batches` are read.

        Returns
        -------
        Counts
            Of tracks that got a vector; none is made for a vector.

        Raises
        ------
        StoreError
            If the model has vectors of another length in this store.
        """
        started_at = datetime.now(UTC).replace(tzinfo=None)
        with self._transaction(location):
            n_dimensions = vectors.stage(self.con, batches)
            counts = vectors.put(self.con, model=model, source=source, n_dimensions=n_dimensions)
            self._rejects = [*rejects, *vectors.rejected(self.con)]
            counts = replace(
                counts, n_read=counts.n_read + len(rejects), n_rejected=len(self._rejects)
            )
            self.ingest_id = self._next_id()
            self._record(source, location, started_at, counts)
        self.discard()
        return counts

    def fill(self, batch: Batch) -> None:
        """Give values to tracks that have none, in one transaction; see `online.fill`."""
        with self._transaction("a service"):
            online.fill(self.con, batch)

    def estimate(
        self, values: pd.DataFrame, trust: pd.DataFrame, *, started_at: datetime
    ) -> tuple[int, int, int]:
        """Replace all estimates, in one transaction, and record it; see `estimates.replace`."""
        with self._transaction("the estimate"):
            self.ingest_id = self._next_id()
            n_changed, n_same, n_gone = estimates.replace(self.con, values, trust)
            counts = Counts(len(values), 0, n_changed, n_same, 0)
            self._record(estimates.SOURCE, "Librosa features", started_at, counts)
        return n_changed, n_same, n_gone

    def settle_playlists(self, sources: list[str]) -> None:
        """Let the next run ask whether the playlists that this one read have changed."""
        online.settle_playlists(self.con, sources)
        self.touched = True

    def sources_like(self, pattern: str) -> list[str]:
        """Return the sources that a name means, in which ``*`` stands for anything.

        Raises
        ------
        StoreError
            If there is none.
        """
        rows = self.con.execute(
            "SELECT source FROM track_sources UNION SELECT source FROM audio_files "
            "UNION SELECT source FROM playlists UNION SELECT source FROM track_genres "
            "UNION SELECT source FROM embeddings "
            "UNION SELECT source FROM spotify_features WHERE origin = 'estimated' ORDER BY 1"
        )
        known = [source for (source,) in rows.fetchall()]
        if pattern in known:
            return [pattern]
        expression = ".*".join(map(re.escape, pattern.split("*")))
        if "*" in pattern and (found := [s for s in known if re.fullmatch(expression, s)]):
            return found
        raise StoreError(
            f"no source {pattern!r} in this store; it has: {', '.join(known) or 'none'}"
        )

    def remove(self, source: str) -> dict[str, int]:
        """Remove a source, what only it gave, and the tracks that no other source has.

        Returns
        -------
        dict
            ``tracks_removed``; ``tracks_kept`` (other sources have them); ``features_lost``: kept
            tracks whose feature values came from this source and are gone until another source
            is imported again.

        Raises
        ------
        StoreError
            If the store has no such source.
        """
        if source not in self.sources_like(source):
            raise StoreError(f"{source!r} means several sources; remove one at a time")
        self.con.execute("BEGIN")
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE released AS "
            "SELECT track_id FROM track_sources WHERE source = $1 "
            "UNION SELECT track_id FROM track_genres WHERE source = $1 "
            "UNION SELECT track_id FROM embeddings WHERE source = $1 "
            "UNION SELECT track_id FROM spotify_features "
            "WHERE source = $1 AND origin = 'estimated'",
            [source],
        )
        for table in ("audio_files", "playlists"):
            self.con.execute(f"DELETE FROM {table} WHERE source = ?", [source])
        done = release(self.con, source)
        self.con.execute("COMMIT")
        self.touched = True
        return done

    @contextlib.contextmanager
    def _transaction(self, location: str) -> Iterator[None]:
        self.con.execute("BEGIN")
        is_whole = False
        try:
            yield
            self.con.execute("COMMIT")
            is_whole = True
        except duckdb.ConstraintException as error:
            raise StoreError(f"{location} holds a value the store refuses: {error}") from error
        finally:
            if not is_whole:  # Ctrl-C too must leave no half of it
                with contextlib.suppress(duckdb.Error):  # a COMMIT that failed leaves nothing
                    self.con.execute("ROLLBACK")
        self.touched = True

    def _begin(self, present: list[str]) -> None:
        self._present = present
        kinds = {
            **columns("librosa_features"),
            **columns("spotify_features"),
            **columns("tracks"),
            "spotify_origin": "VARCHAR",
            "librosa_origin": "VARCHAR",
        }
        body = ", ".join(f"{name} {kinds[name]}" for name in present)
        self.con.execute(f"CREATE TEMP TABLE stage ({body}, row_no BIGINT)")
        for table, names in _LISTS.items():
            kinds = columns(table)
            body = ", ".join(f"{name} {kinds[name]}" for name in names)
            self.con.execute(f"CREATE TEMP TABLE stage_{table} ({body})")

    def _insert(self, table: str, rows: pa.Table) -> None:
        self.con.register("arriving", rows)
        self.con.execute(f"INSERT INTO temp.{table} BY NAME SELECT * FROM arriving")
        self.con.unregister("arriving")

    def _scalar(self, sql: str, *values: object) -> int:
        return self.con.execute(sql, list(values)).fetchone()[0]

    def _next_id(self) -> int:
        return self._scalar("SELECT coalesce(max(ingest_id), 0) + 1 FROM ingests")

    def _staged(self, table: str) -> list[str]:
        """Return the staged value columns that belong in ``table``."""
        own = columns(table)
        return [name for name in self._present if name in own and name != "track_id"]

    def _gather(self) -> None:
        """Make ``incoming`` of what was staged: one row a track."""
        last = [f"arg_max({c}, row_no) AS {c}" for c in self._present if c != "track_id"]
        self.con.execute(
            f"CREATE TEMP TABLE gathered AS SELECT {', '.join(['track_id', *last])} FROM stage "
            "WHERE track_id IN (SELECT track_id FROM stage GROUP BY track_id HAVING count(*) > 1) "
            "GROUP BY track_id"
        )
        self.con.execute("DELETE FROM stage WHERE track_id IN (SELECT track_id FROM gathered)")
        self.con.execute("INSERT INTO stage BY NAME FROM gathered")
        self.con.execute("ALTER TABLE stage RENAME TO incoming")

    def _find_changes(self, source: str) -> None:
        """Make ``changed``: the tracks of ``incoming`` that are new or different."""
        differs = ["t.track_id IS NULL", "ts.track_id IS NULL"]
        for table, alias in (("tracks", "t"), ("spotify_features", "s"), ("librosa_features", "l")):
            differs += [
                f"(i.{c} IS NOT NULL AND i.{c} IS DISTINCT FROM {alias}.{c})"
                for c in self._staged(table)
            ]
        lists = " UNION ".join(
            f"SELECT track_id FROM ({_symmetric_difference(table, names)})"
            for table, names in _LISTS.items()
        )
        self.con.execute(
            "CREATE TEMP TABLE changed AS "
            "SELECT i.track_id, t.track_id IS NULL AS is_new FROM incoming AS i "
            "LEFT JOIN tracks AS t USING (track_id) "
            "LEFT JOIN spotify_features AS s ON s.track_id = i.track_id "
            "LEFT JOIN librosa_features AS l ON l.track_id = i.track_id "
            "LEFT JOIN track_sources AS ts ON ts.track_id = i.track_id AND ts.source = $1 "
            f"WHERE {' OR '.join(differs)} OR i.track_id IN ({lists})",
            [source],
        )

    def _count(self) -> tuple[int, int, int]:
        n_added = self._scalar("SELECT count(*) FROM changed WHERE is_new")
        n_changed = self._scalar("SELECT count(*) FROM changed")
        n_all = self._scalar("SELECT count(*) FROM incoming")
        return n_added, n_changed - n_added, n_all - n_changed

    def _write(self, source: str, ingest_id: int) -> None:
        self._upsert("tracks", self._staged("tracks"), {})
        for table in FEATURE_TABLES:
            names = self._staged(table)
            if names:
                origin = f"{table.removesuffix('_features')}_origin"
                self._upsert(table, names, {"origin": origin, "source": "$1"}, source)
        for table, names in _LISTS.items():
            self.con.execute(
                f"DELETE FROM {table} WHERE source = ? AND track_id IN "
                "(SELECT track_id FROM changed)",
                [source],
            )
            picked = ", ".join(names)
            self.con.execute(
                f"INSERT INTO {table} ({picked}, source) SELECT DISTINCT {picked}, ? "
                f"FROM stage_{table} WHERE track_id IN (SELECT track_id FROM changed)",
                [source],
            )
        self.con.execute(
            "UPDATE track_sources SET ingest_id = $2 "
            "WHERE source = $1 AND track_id IN (SELECT track_id FROM changed)",
            [source, ingest_id],
        )
        self.con.execute(
            "INSERT INTO track_sources SELECT track_id, $1, $2 FROM changed ANTI JOIN "
            "(SELECT track_id FROM track_sources WHERE source = $1) USING (track_id)",
            [source, ingest_id],
        )

    def _upsert(self, table: str, names: list[str], extra: dict[str, str], *values: str) -> None:
        """Insert the changed tracks; where one is known, fill and replace, but never with NULL."""
        picked = ", ".join(["track_id", *names, *extra])
        given = ", ".join(["track_id", *names, *extra.values()])
        some = " OR ".join(f"{name} IS NOT NULL" for name in names) if extra else "true"
        updates = [f"{n} = coalesce(excluded.{n}, {table}.{n})" for n in names]
        updates += [f"{n} = excluded.{n}" for n in extra]
        action = f"UPDATE SET {', '.join(updates)}" if updates else "NOTHING"
        # Rows that are new for certain go in several times faster.
        for join, conflict in (("SEMI", f"ON CONFLICT (track_id) DO {action}"), ("ANTI", "")):
            self.con.execute(
                f"INSERT INTO {table} ({picked}) SELECT {given} FROM incoming "
                f"{join} JOIN (SELECT track_id FROM {table}) USING (track_id) "
                f"WHERE track_id IN (SELECT track_id FROM changed) AND ({some}) {conflict}",
                list(values),
            )

    def _record(self, source: str, location: str, started_at: datetime, counts: Counts) -> None:
        self.con.execute(
            "INSERT INTO ingests VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
            "ON CONFLICT DO UPDATE SET finished_at = excluded.finished_at, "
            "n_read = n_read + excluded.n_read, n_added = n_added + excluded.n_added, "
            "n_updated = n_updated + excluded.n_updated, "
            "n_unchanged = n_unchanged + excluded.n_unchanged, "
            "n_rejected = n_rejected + excluded.n_rejected",
            [
                self.ingest_id,
                source,
                location,
                started_at,
                datetime.now(UTC).replace(tzinfo=None),
                counts.n_read,
                counts.n_added,
                counts.n_updated,
                counts.n_unchanged,
                counts.n_rejected,
            ],
        )
        if self._rejects:
            locators, reasons = zip(*self._rejects, strict=True)
            rows = pa.table({"locator": locators, "reason": reasons})
            self.con.register("arriving", rows)
            self.con.execute(f"INSERT INTO rejects SELECT {self.ingest_id}, * FROM arriving")
            self.con.unregister("arriving")


def _arrow(frame, names) -> pa.Table:
    """Return the named columns; pandas' NaN and NA become NULL, absent columns too."""
    return pa.Table.from_pandas(frame.reindex(columns=list(names)), preserve_index=False)


def _symmetric_difference(table: str, names: tuple[str, ...]) -> str:
    picked = ", ".join(names)
    known = (
        f"SELECT {picked} FROM {table} WHERE source = $1 "
        "AND track_id IN (SELECT track_id FROM incoming)"
    )
    given = f"SELECT {picked} FROM stage_{table}"
    return f"(({known}) EXCEPT ({given})) UNION ALL (({given}) EXCEPT ({known}))"
