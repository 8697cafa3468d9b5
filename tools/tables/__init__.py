"""Tables: what a paper prints, made from raw files by commands of `smpbench`, one after the other."""
