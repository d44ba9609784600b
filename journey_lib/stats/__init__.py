"""Arrays in, arrays out: every estimate, interval and weight, each with its published source."""
