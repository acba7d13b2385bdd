// Strides by node and by layer: the numbers of a whole stride as small matrices.
