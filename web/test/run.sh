#!/bin/sh
# The browser tests, or why not: run.sh REFRAIN FILE.mjs
cd "$(dirname "$0")" || exit 1
skip() { echo "1..0 # SKIP $1"; exit 0; }
node=$(command -v node || command -v nodejs) || skip "no node; ./dev test installs it"
[ -d ../node_modules/playwright-core ] || skip "no web/node_modules; ./dev test installs them"
[ -x /usr/bin/chromium ] || [ -x /usr/bin/google-chrome ] || skip "no chromium; ./dev test installs it"
"$1" analyze --help | grep -q sqlite || skip "analyze makes no store"
exec "$node" "$2" "$1"
