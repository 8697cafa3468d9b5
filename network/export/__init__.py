"""What was found in a network as files for other programs."""
