"""Forms of mistakes that several families have alike: a chain that is cut, axes that a reshape mixes."""
