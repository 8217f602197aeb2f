"""The feature store: one DuckDB file, and every SQL string of the product.

Opening, reading, writing, publishing and the SQL sandbox live here. Nothing here knows Streamlit,
files of other formats, or clustering.
"""
