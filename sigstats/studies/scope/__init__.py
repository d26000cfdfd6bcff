"""Where does a signature hold? One verdict in each cell of a design, and where the cells change over."""
