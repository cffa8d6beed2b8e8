"""What networks are for, one file per task: the objective, the score, and the score on a board."""
