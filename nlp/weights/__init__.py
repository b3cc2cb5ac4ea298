"""Weights and tables that ship with the nlp room; a package so that a wheel takes them along."""
