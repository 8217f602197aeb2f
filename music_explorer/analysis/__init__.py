"""Analysis of tracks: from a table of features to clusters, their scores and their meaning.

Pure functions over numpy arrays and pandas frames, for the app and for notebooks alike. Nothing
here reads a file, a database or the network, and nothing knows the user interface.
`pipeline` puts the steps together: ``run(Config(n_clusters=6), frame)``.

Heavy libraries are imported inside the functions that use them: the app's first page must not
wait for scikit-learn.
"""
