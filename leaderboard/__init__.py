"""The leaderboard: stored results -> tables. It reads results and nothing else."""
