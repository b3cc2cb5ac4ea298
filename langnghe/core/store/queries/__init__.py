"""Every SELECT behind a page or an API answer. What leaves here carries masked text only."""
