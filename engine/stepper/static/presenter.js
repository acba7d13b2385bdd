// One screen for a projector, with the keys of a clicker.
