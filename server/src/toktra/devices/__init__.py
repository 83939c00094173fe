"""Devices: enrolment, the organisation's device CA, certificates, device configuration."""
