"""Many runs of one recipe: a space of choices, what each point costs and is worth, and the frontier."""
