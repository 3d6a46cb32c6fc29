"""Forms of mistakes that several families have alike: a chain that is cut, shares left out, axes that are mixed."""
