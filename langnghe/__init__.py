"""Lắng Nghe: hears early what is publicly said about a school, and helps answer in time."""

__version__ = "0.1.0"
