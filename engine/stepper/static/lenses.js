// Other numbers on the same graph: forward mode, and fewer digits.
