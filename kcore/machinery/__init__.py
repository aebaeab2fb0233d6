"""What is true of every object whatever its kind. Knows no time, no state, no Pod."""
