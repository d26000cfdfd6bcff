"""What is predicted: a signature, and the idea behind it."""
