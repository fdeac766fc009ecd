"""The table `reading` by month: partitions, retention, registers around an instant; the epoch."""
