"""One score per seed, contrasts of level means, and what follows from them."""
