"""Programs that break a rule of the language, and programs that just keep it."""
