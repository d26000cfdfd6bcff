"""The robustness report: tables, figure, document."""
