"""What an organisation can show others about itself: for now, the audit log."""
