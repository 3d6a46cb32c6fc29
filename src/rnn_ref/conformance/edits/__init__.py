"""Single edits of a function's text, of the size of a slip: which of them makes it right, and so where the slip is.

A catalogue knows mistakes by name. What it does not know stands in a line all the same, and most slips are one edit
away from what was meant: another name, another step, a transpose, a sum that is assigned, a factor left out. Each edit
is tried on the function itself; that which makes every answer right tells the line, and how it would be right.
"""
