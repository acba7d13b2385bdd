"""A network that trains in a page, and can be looked into: with no kernel and no network.

`playground` is the door; `carried` records what the page carries, the plans of all networks that it offers; the page
itself is in `static/`: `random` is Python's generator, `run` a training run that can be taken to any epoch, `look` what
is seen of it, `paint` how, `code` the run as Python and as a link; `network_picture`, `unit_panel` and `charts` draw
it, and `page` is all the rest.
"""

from nn.playground.playground import Playground

__all__ = ["Playground"]
