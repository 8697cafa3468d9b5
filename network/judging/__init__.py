"""What was found in a network, held against what it did not see: what came after, or a known answer."""
