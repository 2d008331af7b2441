"""Settings, addresses and the running of the house."""
