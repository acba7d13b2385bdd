"""LaTeX that can do no harm."""

import re

KNOWN_COMMANDS = set(
    re.findall(
        r"\\\w+",
        r"\text \textbackslash \textasciitilde \textasciicircum \frac \sqrt \left \right \cdot \cdots \ln \sin \cos "
        r"\tan \sinh \cosh \tanh \varphi \Phi "
        r"\arcsin \arccos \arctan \operatorname \sigma \sum \max \min \begin \end \lvert \rvert \infty \pi "
        r"\alpha \beta \gamma \delta \epsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \rho \tau \upsilon "
        r"\phi \chi \psi \omega "
        r"\Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega",
    )
)


def assert_safe_latex(text: str) -> None:
    """Balanced braces, known commands only, and no character that would end or break a formula."""
    assert set(re.findall(r"\\[A-Za-z]+", text.replace(r"\\", "  "))) <= KNOWN_COMMANDS
    plain = re.sub(r"\\[A-Za-z]+|\\.", "", text)
    depth = 0
    for letter in plain:
        depth += (letter == "{") - (letter == "}")
        assert depth >= 0
    assert depth == 0
    assert not set(plain) & set("\\$%#~\n\x00\u202e")
    for words in re.findall(r"\\text\{((?:[^{}\\]|\\.|\{\})*)\}", text):
        assert not set(re.sub(r"\\[A-Za-z]+\{\}|\\.", "", words)) & set("\\{}_^$%#~")
