"""What the networks share, and their torch modules."""
