"""The gated recurrent unit as it is specified."""
