"""What every mistake departs from: the honest run, and the ways in which it is altered."""
