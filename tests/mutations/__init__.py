"""Whether the tests would notice: the source with one small mistake after the other, and the tests run against each.

A mistake that no test notices has lived. `harmless.json` lists those that change nothing that anybody could see, each
with the reason; all others are gaps in the tests.
"""
