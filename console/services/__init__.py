"""What people and lines can do: one method, one act."""
