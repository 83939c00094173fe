"""What people should know of: alerts, stored where they arise and told from there."""
