"""The game as an objective sees it in a move: the round, and the players that take part in it."""
