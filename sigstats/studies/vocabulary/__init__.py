"""Which shapes there are, what each claims and needs, and how it is declared: all from the classes of the shapes."""
