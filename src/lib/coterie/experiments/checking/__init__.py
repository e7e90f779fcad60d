"""Whether to believe a test: checks, with those of sizes and of sums in files of their own."""
