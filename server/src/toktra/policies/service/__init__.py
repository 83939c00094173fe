"""What is done with policies: written, made live, fired, tried on history."""
