"""What an objective sees of a move: the round, and the players that take part in it."""
