"""Where an organisation stands on a day: what runs, what comes, how full it is, who meets whom."""
