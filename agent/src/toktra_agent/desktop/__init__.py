"""What the person at the device sees and what starts the agent: notices, the tray, services, browsers."""
