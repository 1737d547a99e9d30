"""Demonstrations for lectures: a game that is played, and its pictures."""
