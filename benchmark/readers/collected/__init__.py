"""What people collect with tools of their own, or find as dumps: one file a tool, as the readers above."""
