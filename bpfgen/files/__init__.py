"""Files in, files out, and temporary files that outlive no killed process."""
