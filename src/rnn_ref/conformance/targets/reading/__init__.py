"""Reading a target as it stands: functions under any name and in any layout, found by names, signatures and shapes."""
