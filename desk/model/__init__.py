"""A model for the desk: fitted on all labelled posts of a data set, kept in a folder of plain files."""
