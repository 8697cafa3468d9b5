"""Publishing: rows with their predictions and without any label, small enough to be committed."""
