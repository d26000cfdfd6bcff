"""What a design can find out before it is run: how likely each verdict is, and which design is the cheapest."""
