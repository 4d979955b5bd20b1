"""How the tiny base is made: lessons, encoders, passes."""
