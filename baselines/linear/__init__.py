"""What linear models read, and the logistic one that scikit-learn has not."""
