"""What the agent keeps on the device: small files of its folder, readable by their owner alone."""
