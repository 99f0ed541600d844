#!/bin/sh
# check.sh SOURCE BUILD: the library as its users meet it. Header in C99 and
# C++17, hidden symbols, an installed copy through pkg-config, shared and
# static, and docs/example.c built and run with both. Speaks TAP.
set -u
source=$1
build=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
n=0
sanitizer=${3:-none} # of the library: its users must link it too
flags=
[ "$sanitizer" = none ] || flags="-fsanitize=$sanitizer"

fact() { # NAME COMMAND…
    name=$1; shift
    n=$((n + 1))
    if "$@" >"$scratch/log" 2>&1; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        sed 's/^/#   /' "$scratch/log" | head -n 20
    fi
}
absent() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }

header() { # COMPILER STANDARD LANGUAGE
    echo '#include <refrain/refrain.h>' >"$scratch/header.$3"
    echo '#include <refrain/refrain.h>' >>"$scratch/header.$3"
    echo 'int main(void) { refrain_limits l = REFRAIN_LIMITS_INIT; refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;' \
        'return (int)(l.size != sizeof l) + (int)(o.size != sizeof o); }' >>"$scratch/header.$3"
    "$1" "-std=$2" -Wall -Wextra -Wpedantic -Wshadow -Werror -I"$source/include" -o "$scratch/header" "$scratch/header.$3" &&
        "$scratch/header"
}

only_public_symbols() {
    nm -D --defined-only "$build/librefrain.so" | awk '{ print $NF }' >"$scratch/symbols"
    [ "$(grep -c '^refrain_' "$scratch/symbols")" -ge 10 ] || { echo 'few public symbols:'; cat "$scratch/symbols"; return 1; }
    # a sanitizer and the linker add names of their own, all of them reserved ones
    grep -v -e '^refrain_' -e '^_' "$scratch/symbols" && return 1
    return 0
}

every_declared_function_exists() {
    grep -o 'refrain_[a-z_]*(' "$source/include/refrain/refrain.h" | tr -d '(' | sort -u >"$scratch/declared"
    nm -D --defined-only "$build/librefrain.so" | awk '{ print $NF }' | sort -u >"$scratch/defined"
    comm -23 "$scratch/declared" "$scratch/defined" | grep . && return 1
    [ -s "$scratch/declared" ]
}

install_copy() { meson install -C "$build" --no-rebuild --destdir "$scratch/stage"; }

pc() { PKG_CONFIG_PATH=$(dirname "$(find "$scratch/stage" -name refrain.pc)") \
    pkg-config --define-variable=prefix="$scratch/stage$prefix" "$@" refrain; }

example() { # shared | static
    [ -n "$(find "$scratch/stage" -name refrain.pc)" ] || { echo 'no refrain.pc'; return 1; }
    prefix=$(sed -n 's/^prefix=//p' "$(find "$scratch/stage" -name refrain.pc)")
    lib=$(dirname "$(find "$scratch/stage" -name 'librefrain.so' | head -n 1)")
    if [ "$1" = shared ]; then
        # shellcheck disable=SC2046,SC2086
        cc $flags "$source/docs/example.c" $(pc --cflags --libs) -o "$scratch/$1" || return 1
        LD_LIBRARY_PATH=$lib "$scratch/$1" >"$scratch/$1.json" || return 1
    else
        # shellcheck disable=SC2046,SC2086
        cc $flags "$source/docs/example.c" $(pc --cflags) -Wl,--as-needed "$lib/librefrain.a" $(pc --static --libs) -o "$scratch/$1" || return 1
        "$scratch/$1" >"$scratch/$1.json" || return 1
    fi
    cat "$scratch/$1.json"
    grep -q '"id":"example"' "$scratch/$1.json" && grep -q '"schema_version":1' "$scratch/$1.json"
}

without_the_library() { # the static example needs no librefrain.so
    ! ldd "$scratch/static" | grep librefrain
}

same_report() { cmp "$scratch/shared.json" "$scratch/static.json"; }

echo 1..9
fact 'header__compiles_as_c99_and_runs' header cc c99 c
if command -v c++ >/dev/null 2>&1; then fact 'header__compiles_as_cxx17_and_runs' header c++ c++17 cc
else absent 'header__compiles_as_cxx17_and_runs' 'no c++; ./dev test installs it'; fi
fact 'library__shows_public_names_only' only_public_symbols
fact 'library__has_every_function_of_the_header' every_declared_function_exists
fact 'install__puts_library_header_and_pkg_config' install_copy
fact 'example__builds_with_pkg_config_and_runs' example shared
fact 'example__links_statically_and_runs' example static
fact 'example__static_needs_no_shared_library' without_the_library
fact 'example__both_give_the_same_report' same_report
