"""From a function of Values to a machine that runs it: record, plan, and run as a NumPy program or by a kernel."""
