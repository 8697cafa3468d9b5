"""Tables as a paper prints them."""
