"""The plan's everyday half: articles that are due, and what people hand in."""
