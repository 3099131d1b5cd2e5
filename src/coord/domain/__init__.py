"""Pure values and set algebra: the words of the model, without files, clocks or output."""
