"""Demonstrations for the lecture hall: a game that is played, and the picture that is drawn of it."""
