"""What a mistake is worth: score under it less score without, with an interval, in a table and a plot."""
