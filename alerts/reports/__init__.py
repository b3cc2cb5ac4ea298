"""What official papers say, as frozen facts: the API gives them as JSON, the pages lay them out."""
