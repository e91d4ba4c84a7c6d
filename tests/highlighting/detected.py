"""Texts of a `.dsl`, and whether they are of the language: Python, VS Code and Vim say the same."""

from __future__ import annotations

DETECTED = [
    ("", False),
    ("// words alone\n", False),
    ("/* words", False),
    ("map m: hash<int, int>[1];\n", True),
    ("  /* one\n two */ // three\n\n/// four\n#if X\nextern map m : hash;\n", True),
    ("// a\n" * 300 + "template t:array<int, int>[1]", True),
    ('import "common.dsl";', True),
    ("import 'common.dsl';", False),
    ("include <linux/in.h>;", True),
    ('include "a.h";', True),
    ("include kernel ;", True),
    ("target kernel >= 5.15;", True),
    ("macro A, B;\nwhen (A) {}", True),
    ("when (A) {}", True),
    ("const N = 1;", True),
    ("const unsigned long N = 1;", True),
    ("struct s\n{ int a; };", True),
    ("enum e : __u8 { A };", True),
    ("typedef int t;", True),
    ("int tail(struct __sk_buff *skb);", True),
    ('workspace "name" {\n    model {\n        map = "m"\n    }\n}\n', False),
    ('DefinitionBlock ("", "DSDT", 2, "BOCHS ", "BXPCDSDT", 0x1) {\n}\n', False),
    ("// x\nworkspace {\nmap m: hash;\n}\n", False),
    ("job('example') { steps { shell('make') } }\n", False),
    ("mapping: yes\n", False),
    ("map.set(1)\n", False),
]
"""The text, and whether `is_source_text` is to say so."""
