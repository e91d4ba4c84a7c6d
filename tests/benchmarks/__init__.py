"""Measurements of speed and memory, as ratios against a yardstick of the same run."""
