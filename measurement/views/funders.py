"""What funders read: released figures, and nothing else."""
