"""The listening tests of a session: a sitting for each clustering, with its answers."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from music_explorer.analysis.listening import ListeningScore, Trial, reading, score
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.record import record_of, run_id
from music_explorer.ui.run_table import run_name
from music_explorer.ui.state import Store

LETTERS = ("A", "B", "C")
_SITTINGS, _SEED = "_sittings", "_listening_seed"


@dataclass(frozen=True)
class Answer:
    """What was played in a trial, and which clip was taken for the intruder."""

    trial: Trial
    track_ids: tuple[str, ...]
    is_blind: bool
    chosen: int
    answered_at: datetime

    @property
    def is_right(self) -> bool:
        """Whether the intruder was found."""
        return self.chosen == self.trial.intruder


@dataclass
class Sitting:
    """The trials of one clustering: the answers so far, and whether the last is being shown."""

    run: dict[str, Any]
    answers: list[Answer] = field(default_factory=list)
    shows_answer: bool = False

    @property
    def number(self) -> int:
        """Number of the trial on the page, from 0."""
        return len(self.answers) - self.shows_answer

    def answer(
        self, number: int, posed: Trial, track_ids: tuple[str, ...], is_blind: bool, chosen: int
    ) -> None:
        """Take an answer; a second one to the same trial, as of a double click, does not count."""
        if number == len(self.answers):
            now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
            self.answers.append(Answer(posed, track_ids, is_blind, chosen, now))
            self.shows_answer = True

    def go_on(self) -> None:
        """Go to the next trial."""
        self.shows_answer = False

    def score(self) -> ListeningScore:
        """Return the score so far."""
        return score([answer.is_right for answer in self.answers])


def seed() -> int:
    """Return the seed of this session's trials, 0 to 2**32 - 1."""
    return st.session_state.setdefault(_SEED, secrets.randbelow(2**32))


def sitting_of(store: Store, result: Run) -> Sitting:
    """Return the sitting of a clustering, a new one if there is none."""
    sittings = st.session_state.setdefault(_SITTINGS, {})
    key = run_id(result.config, data_version=store.version)
    if key not in sittings:
        now = datetime.now(UTC).replace(tzinfo=None)
        record = record_of(result, data_version=store.version, created_at=now)
        sittings[key] = Sitting(record.summary())
    return sittings[key]


def scores_table() -> pd.DataFrame:
    """Lay out the clusterings with an answer, a row each; empty if there is none."""
    rows = []
    for sitting in _answered():
        found = sitting.score()
        rows.append(
            {
                "clustering": run_name(sitting.run),
                "trials": found.n,
                "right": found.n_right,
                "share": found.share,
                "95 % from": found.low,
                "95 % to": found.high,
                "p (guessing)": found.p,
                "blind": all(answer.is_blind for answer in sitting.answers),
                "reads": reading(found),
            }
        )
    return pd.DataFrame(rows)


def answers_table() -> pd.DataFrame:
    """Lay out every answer of the session, a row each: what it takes to score it elsewhere."""
    return pd.DataFrame(
        [
            {
                "run": sitting.run["run_id"],
                "data version": sitting.run["data_version"],
                "clustering": run_name(sitting.run),
                "random_state": seed(),
                "trial (from 0)": number,
                "blind": answer.is_blind,
                **dict(zip(LETTERS, answer.track_ids, strict=True)),
                "cluster": answer.trial.cluster,
                "cluster of the intruder": answer.trial.other,
                "intruder": LETTERS[answer.trial.intruder],
                "answer": LETTERS[answer.chosen],
                "right": answer.is_right,
                "answered (UTC)": answer.answered_at,
            }
            for sitting in _answered()
            for number, answer in enumerate(sitting.answers)
        ]
    )


def _answered() -> list[Sitting]:
    return [s for s in st.session_state.get(_SITTINGS, {}).values() if s.answers]
