// Two engines on one drawing, stepped together until they differ.
