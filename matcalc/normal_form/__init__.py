"""One spelling for each value: constructors that keep the structural laws, and matching."""
