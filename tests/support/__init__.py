"""Code that end-to-end tests share with the tests of faults and containers, and the benchmarks."""
