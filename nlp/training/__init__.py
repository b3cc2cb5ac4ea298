"""Developer tools that make the encoder anew; the running service needs none of them."""
