"""What the pages do, without a page: a configuration and a store in, a folder of results out.

`inputs` asks the store what an analysis needs, `folder` writes what a run leaves behind, `cli` is
``python -m music_explorer``. Nothing here knows Streamlit.
"""
