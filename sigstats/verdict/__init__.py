"""From evidence to a verdict: criteria, rules, the decision, its words and its figure."""
