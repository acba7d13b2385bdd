// A plot beside each operation: what its slope is, to be seen.
