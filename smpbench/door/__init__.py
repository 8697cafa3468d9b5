"""What `import smpbench` offers: a task, an evaluation, its row, and the blocks of a task by hand."""
