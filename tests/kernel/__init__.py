"""Tests that create maps in the running kernel."""
