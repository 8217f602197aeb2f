"""Reading vectors that a model made elsewhere."""
