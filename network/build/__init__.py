"""A data set's facts and posts -> its network."""
