"""The round, which an objective reads in a move, and calls of the players."""
