"""What each command does, and what it prints. ``kamplay.cli`` holds their options and help."""
