"""What a V is worth: violations, passes, floors, tables, exhaustive verification, speed."""
