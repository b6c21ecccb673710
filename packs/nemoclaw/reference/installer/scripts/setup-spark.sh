#!/bin/sh
# Where a checkout of the product has it.
exec "${0%/*}/../setup-spark" "$@"
