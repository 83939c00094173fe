"""The dashboard, served by the server itself."""
