"""One page about a data set that a person reads in a minute."""
