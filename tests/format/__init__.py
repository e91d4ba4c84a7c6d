"""The proof of the formatter: see properties.py for what it promises."""
