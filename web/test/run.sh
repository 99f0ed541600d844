#!/bin/sh
# The browser tests, or why not: run.sh REFRAIN FILE.mjs
refrain=$(realpath "$1") || exit 1 # meson names it from the build folder
cd "$(dirname "$0")" || exit 1
skip() { echo "1..0 # SKIP $1"; exit 0; }
node=$(command -v node || command -v nodejs) || skip "no node; ./dev test installs it"
[ -d ../node_modules/playwright-core ] || skip "no web/node_modules; ./dev test installs them"
[ -x /usr/bin/chromium ] || [ -x /usr/bin/google-chrome ] || skip "no chromium; ./dev test installs it"
exec "$node" "$2" "$refrain"
