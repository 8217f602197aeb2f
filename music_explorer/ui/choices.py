"""Widgets whose values follow the visitor through the pages and live in the address.

Streamlit gives a widget another identity on every page, and forgets query parameters when a page
changes. So one dictionary of the session is the truth; widgets are handed its values again on each
page, and what differs from the defaults is written to the address.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

MAX_LINK_BYTES = 2000
OPENED = "clicked_track"
"""Where the session has the track that is looked at."""
_KEPT, _WRITTEN, _PAGE, _DRAWN = "_choices", "_written_address", "_page", "_drawn_here"
# Chosen on the pages themselves, by no widget here: its name in the address and in the session.
_OPENED = {"track": OPENED}

Parse = Callable[[list[str]], Any]


def choose(values: dict[str, Any]) -> None:
    """Set several choices at once; for ``on_click``, before the widgets are drawn."""
    st.session_state.update(values)
    st.session_state.setdefault(_KEPT, {}).update(values)


def open_track(track_id: str) -> None:
    """Make this the track that is looked at, here, on other pages and in the address."""
    for name, key in _OPENED.items():
        st.session_state[key] = track_id
        _write(name, track_id)


def forget() -> None:
    """Go back to the defaults, which depend on the store, on the next page."""
    st.session_state[_KEPT] = {}
    st.session_state.pop(_PAGE, None)


def here(
    widget: Callable[..., Any],
    title: str,
    key: str,
    options: Sequence[Any],
    default: Any,
    **more: Any,
) -> Any:
    """Draw a widget of one page that takes one of several options, and is in the address too."""
    session = st.session_state
    kept, drawn = session.setdefault(_KEPT, {}), session.setdefault(_DRAWN, {})
    if session.get(key) not in options:
        by_text = {str(option): option for option in options}
        session[key] = by_text.get(str(kept.get(key)), default)
    value = widget(title, options, key=key, **more)
    kept[key], drawn[key] = value, str(default)
    _write(key, "" if value == default else str(value))
    return value


class Choices:
    """The shared widgets of one run of a page.

    Draw each with ``one_of``, ``number`` or ``some_of``, then call ``finish``.
    """

    def __init__(self, page: str) -> None:
        session = st.session_state
        self._page = page
        self._kept = session.setdefault(_KEPT, {})
        self._address = {key: st.query_params.get_all(key) for key in st.query_params}
        self._defaults: dict[str, Any] = {}
        self._values: dict[str, Any] = {}
        # The address speaks on a session's first run and on the browser's back and forward.
        # Else the session does: while a slider is dragged, the address of a rerun is the older.
        went_back = getattr(get_script_run_ctx(), "is_history_navigation", False)
        self._heed_address = bool(self._address) and (_WRITTEN not in session or went_back)
        if session.get(_PAGE) != page:
            session[_DRAWN] = {}
        if self._heed_address:
            self._kept.clear()
            self._kept.update({key: texts[-1] for key, texts in self._address.items()})
            for key in session.setdefault(_DRAWN, {}):
                session.pop(key, None)
            for name, key in _OPENED.items():
                session[key] = self._address.get(name, [None])[-1]
        self._fresh = self._heed_address or session.get(_PAGE) != page

    def one_of(
        self,
        widget: Callable[..., Any],
        title: str,
        key: str,
        options: Sequence[str],
        default: str,
        **more: Any,
    ) -> str:
        """Draw a widget that takes one of several options."""
        self._begin(key, default, lambda raw: raw[-1] if raw[-1] in options else None)
        if st.session_state[key] not in options:
            st.session_state[key] = default
        return self._end(key, widget(title, options, key=key, **more))

    def number(
        self,
        widget: Callable[..., Any],
        title: str,
        key: str,
        low: int,
        high: int,
        default: int,
        **more: Any,
    ) -> int:
        """Draw a widget that takes a whole number from ``low`` to ``high``."""
        self._begin(key, default, lambda raw: int(raw[-1]) if low <= int(raw[-1]) <= high else None)
        return self._end(key, int(widget(title, low, high, key=key, **more)))

    def some_of(self, title: str, key: str, options: Sequence[str], **more: Any) -> list[str]:
        """Draw a widget that takes any of several options."""
        self._begin(key, [], lambda raw: [option for option in options if option in raw])
        if any(value not in options for value in st.session_state[key]):
            st.session_state[key] = [v for v in st.session_state[key] if v in options]
        return self._end(key, st.multiselect(title, options, key=key, **more))

    def asked(self, name: str) -> str:
        """Return what the address says of something that no widget chooses; else nothing."""
        return self._address.get(name, [""])[-1] if self._heed_address else ""

    def finish(self, **more: str) -> None:
        """Write every choice that differs from its default to the address, and more if it fits."""
        address = {
            key: [str(v) for v in value] if isinstance(value, list) else [str(value)]
            for key, value in self._values.items()
            if value != self._defaults[key]
        }
        opened = {name: st.session_state.get(key) for name, key in _OPENED.items()}
        address |= {name: [value] for name, value in opened.items() if value is not None}
        for key, default in st.session_state.get(_DRAWN, {}).items():
            text = str(st.session_state.get(key, default))
            address |= {key: [text]} if text != default else {}
        full = address | {name: [text] for name, text in more.items() if text}
        if len(urlencode(full, doseq=True)) <= MAX_LINK_BYTES:
            address = full
        st.session_state.update({_WRITTEN: True, _PAGE: self._page})
        if address != self._address:
            st.query_params.from_dict(address)

    def _begin(self, key: str, default: Any, parse: Parse) -> None:
        """Put the value that the widget must show into the session, if it is not there."""
        self._defaults[key] = default
        if self._heed_address and key in self._address:
            value = _parsed(parse, self._address[key])
            if value is not None:
                self._kept[key] = value
        if self._fresh or key not in st.session_state:
            value = self._kept.get(key, default)
            texts = [str(v) for v in (value if isinstance(value, list) else [value])]
            known = _parsed(parse, texts)  # the options may have changed since
            st.session_state[key] = default if known is None else known

    def _end(self, key: str, value: Any) -> Any:
        self._values[key] = self._kept[key] = value
        return value


def _write(key: str, text: str) -> None:
    """Bring one choice of the address up to date, if it is not."""
    if text and st.query_params.get(key) != text:
        st.query_params[key] = text
    elif not text and key in st.query_params:
        del st.query_params[key]


def _parsed(parse: Parse, texts: list[str]) -> Any:
    try:
        return parse(texts)
    except (ValueError, IndexError):
        return None
