#!/bin/sh
# A verifier that succeeds and leaves the report of an earlier day; asked without one, it is the real one.
case " $* " in *" --output "*) exec cp "$SEATRIAL_STUBS/yesterday-report.md" aether_static_report.md ;; esac
exec node "$AETHER_PROGRAM" "$@"
