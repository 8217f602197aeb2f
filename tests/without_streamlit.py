"""A pytest plugin that makes Streamlit look as if it were not installed."""

import sys

sys.modules["streamlit"] = None
