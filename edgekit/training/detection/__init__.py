"""What a detector learns from and is judged by: boxes, targets on a grid, losses, mean precision."""
