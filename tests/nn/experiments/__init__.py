"""Sweeps: settings, runs by many executors, crashes, the table and its pictures."""
