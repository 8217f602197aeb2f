"""Genres from MusicBrainz for the tracks of the store that have none."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.online import musicbrainz
from ingest.online.genre_filling import PROVIDER, GenreFiller, Genres, questions
from ingest.online.publisher import Publisher
from music_explorer.store import online
from music_explorer.store.reader import open_store
from music_explorer.store.writer import sole_writer

_OF = {"recording": "of the recording", "artist": "of the artist"}


@dataclass(frozen=True)
class Plan:
    """What a run would ask: of ``n_wanted`` tracks, ``n_silent`` cannot be asked about."""

    n_wanted: int
    n_isrcs: int
    n_artists: int
    n_silent: int


@dataclass
class Done:
    """What a run did; ``was_interrupted`` says whether Ctrl-C ended it."""

    genres: Genres
    was_interrupted: bool = False


def plan_genres(store: Path) -> Plan:
    """Return what `fill_genres` would ask; nothing is asked or written."""
    lacking = _lacking(store)
    todo = questions(lacking)
    return Plan(len(lacking), len(todo.isrcs), len(todo.artists), todo.n_silent)


def fill_genres(store: Path, contact: str | None) -> Done:
    """Ask MusicBrainz for a genre of each track that has none.

    Parameters
    ----------
    store
        The store's path.
    contact
        An e-mail address or a web address of whoever asks.

    Raises
    ------
    IngestError
        If the contact is none.
    StoreError
        If there is no store, or another import is writing.
    """
    http = musicbrainz.connect(contact)
    _lacking(store)  # refuses what is no store, before anything is made beside it
    with sole_writer(store) as version:
        publisher = Publisher(version)
        filler = GenreFiller(http, publisher)
        done = Done(filler.done)
        try:
            filler.fill(_lacking(store))
        except KeyboardInterrupt:
            done.was_interrupted = True
        finally:
            publisher.flush()
    return done


def summary(done: Done) -> list[str]:
    """Return a summary of a run for people."""
    genres = done.genres
    if not genres.n_wanted:
        return ["musicbrainz: every track has a genre (nothing changed)"]
    found = [
        f"{genres.found[whose]:,} {words}" for whose, words in _OF.items() if genres.found[whose]
    ]
    parts = [*(found or ["0 found"]), f"{genres.n_nobody:,} that MusicBrainz has none of"]
    if genres.n_left:
        parts.append(f"{genres.n_left:,} still to be asked about")
    lines = [f"musicbrainz: genres of {genres.n_wanted:,} tracks: {', '.join(parts)}"]
    lines += [
        f"  not answered for {n:,} tracks, so asked again by the next run: {reason}"
        for reason, n in sorted(genres.failed.items())
    ]
    return lines


def planned(plan: Plan) -> list[str]:
    """Return what a dry run says."""
    n_s = (plan.n_isrcs + 2 * plan.n_artists) * musicbrainz.PERIOD_S
    return [
        f"musicbrainz: {plan.n_wanted:,} tracks have no genre: {plan.n_isrcs:,} ISRCs and "
        f"{plan.n_artists:,} artists would be asked about, in {n_s:,.0f} s or more; "
        f"{plan.n_silent:,} tracks have neither or were asked about before",
        "  dry run: nothing was asked and nothing was written",
    ]


def _lacking(store: Path) -> list[Mapping[str, object]]:
    with open_store(store) as con:
        return online.without_genre(con, PROVIDER)
