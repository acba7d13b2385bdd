"""The sides of the comparison, a module each with a function `prepare(work, variant) -> Runner`. They import what
they need when called."""
