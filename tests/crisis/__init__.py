"""One crisis from the first mention to the closed incident, played against a real mail server."""
