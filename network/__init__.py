"""The network of a data set: who names, follows or resembles whom, who carries influence, and whether any of
it tells what is to come."""
