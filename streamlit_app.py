"""Entry script: page configuration and navigation, nothing else."""

import streamlit as st

from music_explorer.ui.page import APP_ICON, APP_TITLE

st.set_page_config(page_title=APP_TITLE, page_icon=APP_ICON, layout="wide")
st.navigation(
    {
        "Collection": [
            st.Page(
                "pages/store.py", title="The store", icon=":material/library_music:", default=True
            ),
            st.Page("pages/features.py", title="Features", icon=":material/equalizer:"),
        ],
        "Clustering": [
            st.Page("pages/choose_k.py", title="How many clusters", icon=":material/tune:"),
            st.Page("pages/clusters.py", title="The clusters", icon=":material/bubble_chart:"),
            st.Page("pages/genres.py", title="Clusters and genres", icon=":material/grid_on:"),
            st.Page("pages/study.py", title="The 2021 study", icon=":material/history_edu:"),
        ],
        "Data": [st.Page("pages/sql.py", title="SQL", icon=":material/database:")],
    }
).run()
