"""From the normal form to the shortest one, which is shown."""
