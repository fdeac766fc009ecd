"""The figures, log lines, traces and health answers that an operator reads."""
