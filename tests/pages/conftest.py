"""Running pages without a browser."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture
def open_page(monkeypatch):
    """Open a page of the app on a store, with the given query parameters."""

    def opener(stem: str, store: Path, **choices: str) -> AppTest:
        monkeypatch.setenv("MUSIC_STORE", str(store))
        st.cache_data.clear()
        at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
        at.switch_page(f"pages/{stem}.py")
        for name, value in choices.items():
            at.query_params[name] = value
        return at.run()

    return opener
