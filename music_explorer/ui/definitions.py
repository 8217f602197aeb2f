"""What a selection can be: tracks, a label, a search, a cluster, a region; each also as a link.

The text of a link ("spec") is ``kind:…``; `of_spec` finds the same tracks again.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import numpy as np

from music_explorer.analysis.clustering import CHOOSES_K, METHOD_TITLES
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Config, Run
from music_explorer.store import queries, selected
from music_explorer.ui import region, show, state
from music_explorer.ui.region import Region
from music_explorer.ui.selection import Selection, depends_on
from music_explorer.ui.state import Store

QUERY = "sql:"
"""What a link begins with that selects by a query, which runs only when somebody says so."""
_MOST_IN_LINK, _MOST_WORDS = 1500, 60

if TYPE_CHECKING:
    from music_explorer.ui.sql import Answer


def of_tracks(track_ids: Iterable[str], definition: str) -> Selection:
    """Return a selection of some tracks; a link names each of them, if they are few."""
    found = tuple(dict.fromkeys(track_ids))
    spec = f"ids:{','.join(map(_quoted, found))}"
    fits = len(spec) <= _MOST_IN_LINK
    return Selection(found, definition, spec if fits else "", selected.named(found))


def of_label(store: Store, kind: str, label: str) -> Selection:
    """Return the tracks with a label."""
    sql = selected.with_label(kind, label)
    found = selected.found_by(store.path, sql)
    return Selection(tuple(found), f"{kind} {label}", f"label:{kind}:{label}", sql)


def of_search(store: Store, words: str) -> Selection:
    """Return the tracks whose title, artist, album or genre has all of the words."""
    sql = selected.matching(words)
    found = selected.found_by(store.path, sql)
    return Selection(tuple(found), f"search for “{words.strip()}”", f"search:{words.strip()}", sql)


def of_cluster(result: Run, cluster: int) -> Selection:
    """Return the tracks of a cluster of a run."""
    return _within(result, result.labels == cluster, f"cluster:{cluster}", _named(result, cluster))


def of_cell(store: Store, result: Run, cluster: int, kind: str, label: str) -> Selection:
    """Return the tracks of a cluster that have a label."""
    labels = state.labels(store, result.config, kind)
    with_label = result.prepared.rows["track_id"].isin(labels.query("genre == @label")["track_id"])
    return _within(
        result,
        (result.labels == cluster) & with_label.to_numpy(),
        f"cell:{cluster}:{kind}:{label}",
        f"{kind} {label} in {_named(result, cluster)}",
    )


def of_region(result: Run, drawn: Region) -> Selection:
    """Return the tracks that are encircled in the map of a run."""
    try:
        is_inside = region.inside(drawn, result.projection.embedding)
    except ValueError as error:
        raise AnalysisError(f"what was encircled is not in this map: {error}") from error
    space = result.projection.space
    return _within(result, is_inside, f"lasso:{drawn}", f"encircled in {space}")


def of_answer(answer: "Answer") -> Selection:
    """Return the tracks that the answer to a query names."""
    words = " ".join(answer.sql.split())
    words = words if len(words) <= _MOST_WORDS else f"{words[: _MOST_WORDS - 1]}…"
    sql = selected.tracks_of(answer.sql)
    return Selection(answer.track_ids, f"SQL: {words}", f"{QUERY}{answer.sql}", sql)


def of_spec(store: Store, config: Config, spec: str) -> Selection:
    """Find the tracks of a link.

    Raises
    ------
    AnalysisError
        If it is no selection, or no track is found.
    """
    kind, _, rest = spec.partition(":")
    try:
        found = _FINDERS[kind](store, config, rest)
    except (KeyError, ValueError) as error:
        raise AnalysisError(f"the link selects {spec[:80]!r}, which is no selection") from error
    if not found.track_ids:
        raise AnalysisError(f"the link selects {found.definition}: no track of this store is that")
    return found


def _ids(store: Store, config: Config, text: str) -> Selection:
    found = selected.known_tracks(store.path, [unquote(part) for part in text.split(",")])
    return of_tracks(found, "tracks of a link")


def _label(store: Store, config: Config, text: str) -> Selection:
    kind, _, label = text.partition(":")
    return of_label(store, _known_kind(kind), label)


def _cluster(store: Store, config: Config, text: str) -> Selection:
    return of_cluster(state.run(store, config), int(text))


def _cell(store: Store, config: Config, text: str) -> Selection:
    cluster, kind, label = text.split(":", 2)
    return of_cell(store, state.run(store, config), int(cluster), _known_kind(kind), label)


def _region(store: Store, config: Config, text: str) -> Selection:
    return of_region(state.run(store, config), region.parse(text))


_FINDERS = {
    "ids": _ids,
    "label": _label,
    "search": lambda store, config, text: of_search(store, text),
    "cluster": _cluster,
    "cell": _cell,
    "lasso": _region,
}


def _within(result: Run, members: np.ndarray, spec: str, definition: str) -> Selection:
    found = tuple(dict.fromkeys(result.prepared.rows["track_id"][members]))
    return Selection(
        found, definition, spec, selected.named(found), depends_on(spec, result.config)
    )


def _named(result: Run, cluster: int) -> str:
    config = result.config
    name = show.names_of_clusters(result).get(cluster, f"cluster {cluster}")
    k = "" if config.method in CHOOSES_K else f", k = {config.n_clusters}"
    return f"{name} of {METHOD_TITLES[config.method]}{k}"


def _known_kind(kind: str) -> str:
    if kind not in queries.LABELS:
        raise ValueError(f"no kind of label: {kind!r}")
    return kind


def _quoted(track_id: str) -> str:
    return quote(track_id, safe=":")
