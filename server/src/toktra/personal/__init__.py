"""The personal ledger of Token Perks: its own schema, role and keys. Nothing here knows who anybody is."""
