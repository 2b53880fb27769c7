"""What readers do not see, or see twice."""
