"""Networks from an aligned chip to a vector, in flax."""
