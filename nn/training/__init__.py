"""The life of a training run: what is made small, how, by what steps, and when it ends."""
