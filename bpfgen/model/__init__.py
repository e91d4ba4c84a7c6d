"""What a file means: types with their layout, constants, maps; and how names get there."""
