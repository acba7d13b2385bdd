"""The rules read with letters: symbols through the table, how formulas are written, and methods written from them."""
