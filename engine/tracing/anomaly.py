"""`with detect_anomaly():` stops at the first node that becomes nan or inf, in the forward or the backward pass."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from engine.graph import Step
from engine.rule import Rule
from engine.scope import bracketed, looking_on, on_extended_line, remark_on
from engine.tracing.source import source_of
from engine.tracing.watch import watching
from engine.value import Value, whose

__all__ = ["AnomalyError", "detect_anomaly"]


class AnomalyError(RuntimeError):
    """A number of a graph is nan or inf: the message names the node, and the line if it was traced."""


@bracketed
@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Stop at the first node that becomes nan or inf in this block.

    Forward it is the operation, or the leaf, whose number is not finite, at once when it is made. Backward it is the
    node whose gradient becomes so, in the sweep of whatever asks for gradients; no grad is written then. With
    `trace_source()` the line is named too. It holds for this thread. A compiled function is looked at where its loss or
    its gradient is not finite, for then it is run again eagerly; a number on the way that leaves both finite is not
    seen there.

    Raises:
        AnomalyError: naming the node, what it was made of, and the line if it is traced.

    >>> x = Value(1e200, "x")
    >>> with detect_anomaly():
    ...     y = x * x
    Traceback (most recent call last):
    engine.tracing.anomaly.AnomalyError: forward: 1e+200 * 1e+200 is inf; its inputs are node 'x' and node 'x'
    """
    with looking_on(step=check_step), watching(check_node):
        yield


def check_node(node: Value, rule: Rule | None) -> None:
    if math.isfinite(node.data) or on_extended_line():
        return
    if rule is None:
        raise AnomalyError(f"forward: the leaf, {called(node)}, is {node.data}{remark_on(())}")
    if not node.inputs:  # inside no_grad()
        raise AnomalyError(f"forward: the result of {rule.name} is {node.data}{remark_on(())}")
    where = f"{whose(node.inputs)}{remark_on(node.inputs)}"
    raise AnomalyError(f"forward: {operation(node)} is {node.data}{where}")


def check_step(step: Step) -> None:
    node, x = step.node, step.input
    # a tape sweeps rows, on other numbers too, and shows what it finds
    if not isinstance(node, Value) or x.frozen or math.isfinite(step.after):
        return
    source = source_of(node)
    raise AnomalyError(
        f"backward: the gradient of {called(x)} becomes {step.after}, where {operation(node)} passes on "
        f"{step.upstream} · {step.local}{f'; it was made in {source}' if source else ''}"
    )


def operation(node: Value) -> str:
    """What made a node, in numbers."""
    assert node.rule is not None
    return node.rule.text.format(*node.rule.each(float, node.args))


def called(node: Value) -> str:
    source = source_of(node)
    if node.name or not (source and source.text):
        return f"node {node.name!r}" if node.name else "a node without a name"
    return f"the node of {source.text}" if source.line == source.end_line else f"the node of {source}"
