"""Pictures drawn as marks, without a plotting library: each function returns a `Picture`."""
