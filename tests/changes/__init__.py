"""What a change breaks: rules, witnesses, the command."""
