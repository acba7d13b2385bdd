"""Every word of a worksheet, in English. A name in braces stands for what the sheet puts there."""

__all__ = ["LANGUAGE", "TEXTS"]

LANGUAGE = "en"

TEXTS = {
    "title": "The chain rule on paper",
    "sheet": "sheet {code}",
    "name": "Name",
    "date": "Date",
    "key": "Key",
    "keyOf": "Key of sheet {code}",
    "given": "Given:",
    "graph": "the graph of L",
    "noPicture": "There is no picture here: draw the graph yourself, an arrow for every input.",
    "line": "line",
    "value": "value",
    "slopes": "local slopes",
    "gradient": "gradient",
    "told": "the program says",
    "mark": "right?",
    "correct": "correct",
    "values.title": "Forward: the values",
    "values.task": "Compute every line, from the top down.",
    "slopes.title": "The local slopes",
    "slopes.task": "How fast does a line change with each of its inputs? Look at that line alone, and give a number.",
    "gradients.title": "Backward: the gradients",
    "gradients.task": "How fast does L change with each of them? Go from L back: upstream × local; and where more "
    "than one arrow leaves, add.",
    "update.title": "One update",
    "update.task": "One step of gradient descent with the learning rate η = {rate}: new = old − η · gradient. Which "
    "numbers do the leaves have then?",
    "bug.title": "Find the bug",
    "bug.task": "A program computed the values and the gradients of this graph. The values are right; some gradients "
    "are not.",
    "bug.which": "Which gradients are wrong?",
    "bug.right": "Mark each gradient as right or wrong, and correct it.",
    "bug.why": "What does the program do wrong?",
    # what is said of a wrong answer
    "right": "Right.",
    "or": "Or:",
    "isOther": "{value} is {other}; here it is {asked}.",
    "isInput": "That is the value of {input}, and not how fast {node} changes with it.",
    "isOutput": "That is the value of {node}, and not how fast it changes with {input}.",
    "isBug": "A program with this mistake gets the same: {cause}",
    "isPath": "You forgot to add: that is what comes by {path} alone.",
    "isPlus": "You added the step: that climbs. Gradient descent goes against the gradient.",
    "isWhole": "You forgot the learning rate.",
    "isStep": "That is the step alone: it still has to be taken from {name} = {old}.",
    "isBugged": "You followed {gradient}, which is not the gradient. {cause}",
    "falls": "With them L falls from {before} to {after}.",
    "minus": "It forgets a sign: the slope of a difference in what is subtracted is taken to be 1.",
    "otherBug": "With that mistake dL/d{name} would be {value}, but the program says {told}.",
    "noBug": "On this graph that mistake would do no harm: all gradients would be right.",
    "isWrong": "dL/d{name} is not {told}: it is {right}.",
    "isRight": "dL/d{name} = {right} is right.",
    # the notebook
    "notebook.start": "Each exercise has a cell in which you write a number for every `None`. You may compute on paper"
    " or in Python. A fraction such as `1/4` is a number too. Take the line with `raise` away, if "
    "there is one.",
    "notebook.names": "`slope_p_a` stands for ∂p/∂a, the slope of one line, `grad_a` for dL/da, the gradient, and "
    "`new_a` for a after the update.",
    "notebook.wrong": 'Write the names of the nodes whose gradients are wrong, as in `{{"p", "a"}}`, and the letter '
    'of the reason, as in `"A"`.',
    "notebook.check": "This cell is checked when your work is graded. {points} points.",
    "notebook.none": "no answer yet",
    "notebook.other": "{given} is not it",
    # moodle
    "moodle.multi": "Choose all that are wrong.",
}
