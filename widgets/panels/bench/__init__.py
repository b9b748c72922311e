"""The panes of the technician's bench 测试台."""
