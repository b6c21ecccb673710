#!/bin/sh
# Runs as root in whatever environment the container was given. Nothing of it reaches the programs
# that follow but the names below: NODE_OPTIONS, LD_PRELOAD, PATH and their like would run code as root.
# The shell is linked statically, so that nothing is preloaded into it either.
for name in MODEL_OVERRIDE INFERENCE_API_OVERRIDE CONTEXT_WINDOW MAX_TOKENS REASONING CORS_ORIGIN; do
  eval "value=\${NEMOCLAW_$name-}"
  if [ -n "$value" ]; then set -- "$@" "NEMOCLAW_$name=$value"; fi
done
exec /bin/busybox env -i \
  HOME=/sandbox PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  NEMOCLAW_AGENT="$NEMOCLAW_AGENT" \
  NEMOCLAW_REF_MUTANT="${NEMOCLAW_REF_MUTANT-}" NEMOCLAW_REF_NONCE="${NEMOCLAW_REF_NONCE-}" \
  "$@" /usr/bin/node /usr/local/lib/nemoclaw/nemoclaw-start
