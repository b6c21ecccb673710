#!/bin/sh
# A verifier that refuses everything, which also refuses what is bad.
for path in good unsigned tampered revoked-key unknown-key public-secret; do
  printf '{"file":"planted/%s.aether","ok":false,"code":22,"signature":"FAIL"}\n' "$path"
done
exit 22
