"""Forms of the app: one module for each thing that is filled in."""
