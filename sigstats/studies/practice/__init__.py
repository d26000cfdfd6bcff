"""What common tests would have said of the same table."""
