"""The bugs: what each is asked, which nodes it makes wrong, why, and where it was found."""

from __future__ import annotations

from engine.museum.broken import (
    breadth_first,
    depth_first,
    drawn_early,
    late_slopes,
    not_zeroed,
    overwrites,
    plus_for_minus,
    recursive,
    second_pass,
)
from engine.museum.exhibit import Exhibit
from engine.museum.graphs import (
    after_backward,
    change_v,
    changed_sum,
    cubed,
    doubled_twice,
    keep_first_step,
    leaves_reused,
    one_zero,
    pass_and_reset,
    prediction_subtracted,
    reused,
    second_step,
    shortcut,
    squared,
    squared_twice,
    target_subtracted,
    two_layers,
    used_once,
)

__all__ = ["BUGS"]

BUGS: dict[str, Exhibit] = {
    exhibit.name: exhibit
    for exhibit in (
        Exhibit(
            overwrites,
            "= for +=",
            "This engine walks in the right order and multiplies upstream by local, but what arrives at a node "
            "replaces what was there. p goes into s and into L, a into p and into s. Which gradient will a get?",
            reused,
            asked="a",
            cause="replaced",
            wrong=("a", "b", "p"),
            explanation="p first receives 8 from L, then 6 from s. They should make 14, but the 6 replaces the 8. From "
            "there the mistake spreads to the leaves: a and b are computed from a wrong p, and so b is wrong although "
            "it is used only once. a loses a path of its own as well. Where nothing is used twice the bug does no "
            "harm, so a first test does not find it.",
            found_in="the lecture on micrograd makes this mistake on camera and finds it with b = a + a; its notebook "
            "says so (karpathy/nn-zero-to-hero, issue 52)",
            harmless=used_once,
        ),
        Exhibit(
            recursive,
            "Recursion instead of an order",
            "This engine has no list of nodes. A node adds to its inputs what they are owed, then visits each of them, "
            "which does the same. c = b + b visits b twice. Which gradient will a get?",
            doubled_twice,
            asked="a",
            cause="again",
            wrong=("a",),
            explanation="b receives 1 + 1 = 2 and is visited twice, once for each arrow. Both times it passes on its 2 "
            "along two arrows, which makes 8: the second visit passes on again what the first one has passed on. If a "
            "visit passed on only what is new, the sum would be right, but every path would be walked, and thirty "
            "doublings have a billion paths.",
            found_in="proposed for micrograd again and again (issues 21, 68, pull requests 23, 64); the graph c = b + "
            "b is the counterexample given there",
            harmless=leaves_reused,
        ),
        Exhibit(
            depth_first,
            "Every node once, but too early",
            "Now every node passes its gradient on only once: when it receives something for the first time. c = b · b "
            "with b = a · a, so c is the fourth power of a. Which gradient will a get?",
            squared_twice,
            asked="a",
            cause="early",
            wrong=("a",),
            explanation="c gives 4 to b along its first arrow, and at once b passes its 4 on: a receives 4 · 2 twice, "
            "16. Only then does c give b the other 4. In the end b holds the right gradient, 8, but its turn is over, "
            "and a has half of what it is owed. A node may pass its gradient on only when it is complete.",
            found_in="PyNorch (issue 90: right only if the graph is a tree)",
            harmless=leaves_reused,
        ),
        Exhibit(
            breadth_first,
            "The nearest first",
            "This engine keeps a queue: first the result, then its inputs, then theirs. It gets c = b · b with b = a · "
            "a right. Here p goes into L directly and also by way of s = p². Which gradient will a get?",
            shortcut,
            asked="a",
            cause="early",
            wrong=("a", "b"),
            explanation="L puts both p and s into the queue, p first. When it is the turn of p it holds 1, what came "
            "by the short way, and passes that on. Then s gives it 12 more: p ends right, at 13, and a and b have "
            "received a thirteenth of what they are owed. Nearest first is right as long as all ways to a node are "
            "equally long. A residual network is made of short cuts like this one.",
            found_in="whoever has learned breadth-first search and asks why the order must be topological (micrograd, "
            "issues 2, 91, 96)",
            harmless=squared_twice,
        ),
        Exhibit(
            not_zeroed,
            "zero_grad() forgotten",
            "A weight w learns to be 3. The loss is (w - 3)², and the first step led from w = 0 to w = 1.5. This is "
            "the second step, and the -6 from the first one is still in w.grad. Which gradient will w have after the "
            "backward pass?",
            second_step,
            asked="w",
            cause="left over",
            wrong=("w",),
            explanation="Leaves add up what the passes bring: -6 from the first step, -3 from this one. Every step "
            "repeats all earlier ones, so w runs past 3, turns back, runs past it again, and never comes to rest. "
            "Nothing inside the graph is wrong, since the graph is new at every step: only what survives a step, the "
            "parameters, can remember.",
            found_in="every training loop once; why it must not be forgotten is asked in micrograd's issues 25, 53, 63 "
            "and 102",
            harmless=second_step,
            meanwhile=keep_first_step,
        ),
        Exhibit(
            second_pass,
            "Old gradients inside the graph",
            "backward() is called twice on one graph, and between the two the gradient of the leaf x is emptied, as an "
            "optimizer does with its parameters. In this engine the nodes inside keep theirs. y = x · x · x at 3. "
            "Which gradient will x have?",
            cubed,
            asked="x",
            cause="left over",
            wrong=("x", "s"),
            explanation="The first pass left 3 in s = x · x. The second one adds its 3, and s passes on 6: x receives "
            "9 directly and 6 · 3 + 6 · 3 = 36 through s. That makes 45, and 27 is right. Gradients inside must start "
            "from nothing at every pass; in this project only leaves add up.",
            found_in="all seven scalar engines that were tried give 45, micrograd among them (its pull request 8 has "
            "this very example)",
            harmless=squared,
            meanwhile=pass_and_reset,
        ),
        Exhibit(
            drawn_early,
            "Drawn before backward()",
            "y = a · b at a = 0, b = 3. The engine starts every gradient at 0, and the picture was drawn before anyone "
            "called backward(). Which gradient will it show for a? And which of its three zeros is true?",
            one_zero,
            asked="a",
            cause="no zero",
            wrong=("a", "y"),
            explanation="The zero of b is true: y does not change with b while a is 0. The zeros of a and y are not: "
            "they stand for 'not computed yet', and right is 3 and 1. The picture cannot tell the one from the other. "
            "That is why grad is None before a backward pass, and why pictures here show –.",
            found_in="micrograd and those built after it; a picture in its lecture was drawn too early "
            "(karpathy/nn-zero-to-hero, pull request 80)",
            harmless=after_backward,
        ),
        Exhibit(
            plus_for_minus,
            "The sign of subtraction",
            "Whoever wrote this engine copied the addition and forgot a sign: the slope of a - b is taken to be 1 in "
            "both. L = (5 - p)², p = w · x, w = 1, x = 3. Which gradient will w get?",
            prediction_subtracted,
            asked="w",
            cause="slope",
            wrong=("w", "x", "p"),
            explanation="e = 5 - p has slope -1 in p. Without that sign all that e was made of gets the right size and "
            "the wrong direction: gradient descent climbs, away from the target. Write the same loss as (p - 5)², and "
            "nobody notices: then it is the constant that has the wrong slope, and nobody asks for that one.",
            found_in="micrograd_c (issue 1), a course built on micrograd "
            "(AayushSameerShah/Neural-Net-Zero-to-Hero-with-Andrej, issue 1), "
            "DiffSharp (pull request 9)",
            harmless=target_subtracted,
        ),
        Exhibit(
            late_slopes,
            "Slopes read too late",
            "This engine computes slopes in the backward pass, from the data that nodes hold by then. L = v · h, h = w "
            "· x with w = 2, x = 3, v = 5. After the forward pass somebody sets v to -1. Which gradient will w get?",
            two_layers,
            asked="w",
            cause="late",
            wrong=("w", "x", "h"),
            explanation="L was computed with v = 5, so its slope in h is 5. The engine reads v again and finds -1, and "
            "h and all that h was made of get the wrong sign. The node that was changed is right itself: its slope is "
            "h, and h was not touched. Slopes belong to the numbers they were taken at, so a node must keep them, or "
            "the numbers, from the forward pass. PyTorch keeps tensors, counts their changes and raises an error.",
            found_in="micrograd, whose backward functions read other.data when they run; the engines modelled on it",
            harmless=changed_sum,
            meanwhile=change_v,
        ),
    )
}
