"""A network -> how much influence each of its accounts carries, in many ways and with how sure each is."""
