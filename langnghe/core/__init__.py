"""The kernel every room of the house shares: types, settings, text, store and policy."""
