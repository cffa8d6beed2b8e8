"""Teachers that students are distilled from, one file each; `base` is their contract."""
