"""Stage 5: words, tables and figures; nothing is computed or decided here."""
