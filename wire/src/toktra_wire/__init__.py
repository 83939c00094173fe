"""The versioned shapes and pure rules that Toktra's server and its devices share."""

WIRE_VERSION = 1
