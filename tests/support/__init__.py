"""Code that end-to-end tests share with those of faults and containers, and with the benchmarks."""
