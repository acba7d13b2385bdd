"""Small engines that are wrong in one way each, and first the right one. What is wrong is said where it is wrong, as
"the bug".

Each takes a result and gives the gradient of every node that it depends on. None of them writes on the nodes.
"""

from __future__ import annotations

from engine.graph import topological_order
from engine.value import Value

__all__ = [
    "breadth_first", "depth_first", "drawn_early", "edges", "late_slopes", "not_zeroed", "overwrites", "plus_for_minus",
    "recursive", "right", "second_pass",
]  # fmt: skip


def edges(node: Value) -> list[tuple[Value, float]]:
    """The inputs of a node that are no constants, each with the local slope in it."""
    return [(x, slope) for x, slope in zip(node.inputs, node.slopes, strict=True) if slope is not None]


def right(y: Value) -> dict[Value, float]:
    """A right engine: a node passes its gradient on when it is complete, and what arrives is added."""
    grads = dict.fromkeys(topological_order(y), 0.0)
    grads[y] = 1.0
    for node in reversed(grads):
        for x, slope in edges(node):
            grads[x] += grads[node] * slope
    return grads


def overwrites(y: Value) -> dict[Value, float]:
    """What arrives replaces what was there."""
    grads = dict.fromkeys(topological_order(y), 0.0)
    grads[y] = 1.0
    for node in reversed(grads):
        for x, slope in edges(node):
            grads[x] = grads[node] * slope  # the bug: = for +=
    return grads


def recursive(y: Value) -> dict[Value, float]:
    """No order: whenever a node has received something, it passes on all that it has."""
    grads = dict.fromkeys(topological_order(y), 0.0)
    grads[y] = 1.0

    def visit(node: Value) -> None:
        for x, slope in edges(node):
            grads[x] += grads[node] * slope
        for x, _ in edges(node):
            visit(x)  # the bug: a second visit passes on again what the first one has passed on

    visit(y)
    return grads


def depth_first(y: Value) -> dict[Value, float]:
    """No order: every node passes its gradient on once, as soon as it has received something."""
    grads = {y: 1.0}

    def visit(node: Value) -> None:
        for x, slope in edges(node):
            first = x not in grads
            grads[x] = grads.get(x, 0.0) + grads[node] * slope
            if first:
                visit(x)  # the bug: more may arrive at x, and nobody passes that on

    visit(y)
    return grads


def breadth_first(y: Value) -> dict[Value, float]:
    """The wrong order: nodes wait in a queue, those with the shortest way to the result first."""
    grads = {y: 1.0}
    queue = [y]
    for node in queue:  # the bug: more may arrive at a node by a longer way, when its turn is over
        for x, slope in edges(node):
            if x not in grads:
                queue.append(x)
            grads[x] = grads.get(x, 0.0) + grads[node] * slope
    return grads


def not_zeroed(y: Value) -> dict[Value, float]:
    """A backward pass of a training loop without zero_grad()."""
    # the bug: leaves start with what the last step has left in them
    grads = {node: 0.0 if node.inputs else node.grad or 0.0 for node in topological_order(y)}
    grads[y] = 1.0
    for node in reversed(grads):
        for x, slope in edges(node):
            grads[x] += grads[node] * slope
    return grads


def second_pass(y: Value) -> dict[Value, float]:
    """Gradients live on the nodes, and stay there from pass to pass."""
    # the bug: nodes start with what the last pass has left in them
    grads = {node: node.grad or 0.0 for node in topological_order(y)}
    grads[y] = 1.0
    for node in reversed(grads):
        for x, slope in edges(node):
            grads[x] += grads[node] * slope
    return grads


def drawn_early(y: Value) -> dict[Value, float]:
    """A picture that was drawn before backward() ran."""
    # the bug: "not computed" becomes 0
    return {node: node.grad or 0.0 for node in topological_order(y)}


def plus_for_minus(y: Value) -> dict[Value, float]:
    """The slope of a - b in b is taken to be 1."""
    grads = dict.fromkeys(topological_order(y), 0.0)
    grads[y] = 1.0
    for node in reversed(grads):
        for x, slope in edges(node):
            if node.rule is not None and node.rule.name == "sub":
                slope = 1.0  # the bug: in the second input it is -1
            grads[x] += grads[node] * slope
    return grads


def late_slopes(y: Value) -> dict[Value, float]:
    """Slopes are computed in the backward pass, from what the inputs hold by then."""
    grads = dict.fromkeys(topological_order(y), 0.0)
    grads[y] = 1.0
    for node in reversed(grads):
        if node.rule is not None:
            numbers = node.rule.each(float, node.args)
            # the bug: these may not be the numbers that the forward pass used
            slopes = node.rule.all_slopes(numbers, node.data, node.inputs)
            for x, slope in zip(node.inputs, slopes, strict=True):
                if slope is not None:
                    grads[x] += grads[node] * slope
    return grads
