"""What a card leaves open, found before any data are looked at."""
