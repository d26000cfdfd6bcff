"""Which shape predicts the curve of a seed that was left out best."""
