"""Graphs and networks as pictures, and as trees in text where no picture can be made."""
