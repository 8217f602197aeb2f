"""Programs that measure; none is part of the product."""
