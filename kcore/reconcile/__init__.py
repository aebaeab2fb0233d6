"""From change to converged: the harness every controller runs in. Knows no kind of object."""
