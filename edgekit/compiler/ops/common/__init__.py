"""What several operators share: checks, geometry and fixed-point arithmetic. No operators."""
