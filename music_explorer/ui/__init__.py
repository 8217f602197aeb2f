"""Everything that knows Streamlit, and the figures: what the pages are made of."""
