"""Statistics: from estimates to intervals, tests and sizes. Knows no experiment and no file."""
