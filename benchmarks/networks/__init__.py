"""Today's networks: what a step of each takes, at several sizes, and beside the same network in plain Keras."""
