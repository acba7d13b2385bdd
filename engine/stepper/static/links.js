// The state in the address, so that a link leads to a step.
