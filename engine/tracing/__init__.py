"""Looking on while a graph is made: which line of the student's code made each node, and where a number went wrong."""
