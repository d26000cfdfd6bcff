"""What becomes of an idea: the verdicts on all signatures of its card, and one on the idea."""
