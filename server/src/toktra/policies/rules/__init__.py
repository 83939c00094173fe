"""What a policy says, and when it fires. Pure: no clock, no database, no settings."""
