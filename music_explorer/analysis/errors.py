"""The one exception that this package raises on purpose."""


class AnalysisError(ValueError):
    """An analysis that cannot be done as asked.

    The message echoes the value, names the valid ones and says what to do; show it as it is.
    """
