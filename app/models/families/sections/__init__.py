"""The sections of a file as data: their fields, what they say, how an agent writes them."""
