"""Tests of bpfgen: unit, golden, conformance, kernel, fuzz, benchmarks."""
