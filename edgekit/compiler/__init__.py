"""From a .tflite to C: reader, operators, passes, arena planner, emitters."""
