"""Usage events in, once; rolled up; and answered by the usage API."""
