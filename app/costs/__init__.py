"""What an answer costs: list prices, and one's own machine."""
