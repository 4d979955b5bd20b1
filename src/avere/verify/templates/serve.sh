#!/bin/sh
# Serves this project on this machine alone. PORT and POTATO (the program) may be set.
# Behind a proxy: see START.md.
set -eu
umask 077
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
cd "$here/project"
export POTATO_GENERATED_TEMPLATES_DIR="$here/project/generated"
exec "${POTATO:-potato}" start config.yaml -p "${PORT:-8000}"
