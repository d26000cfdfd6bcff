"""What is predicted: a signature, and a card that holds several."""
