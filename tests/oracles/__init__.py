"""What nobody here wrote, asked about our engine: other engines on random programs, and the tests of other engines."""
