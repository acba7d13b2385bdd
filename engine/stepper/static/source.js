// The student's code beside the graph, the line at work marked.
