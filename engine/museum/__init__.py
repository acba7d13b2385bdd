"""The museum of bugs: small engines that are wrong in one way each, beside the right one, on graphs that expose them.

>>> from engine.museum import BUGS
>>> BUGS["overwrites"].show().verdict
'The broken engine is wrong at 3 of 5 nodes: a, b, p.'

`print(BUGS["overwrites"])` asks the question and prints the engine; `.show()` answers with both pictures and the
numeric check; `.stepper()` goes through both runs step by step, and asks where they first differ.
"""

from engine.museum.broken import right
from engine.museum.bugs import BUGS
from engine.museum.exhibit import Comparison, Engine, Exhibit

__all__ = ["BUGS", "Comparison", "Engine", "Exhibit", "right"]
