# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# How the suites in shell start what serves drives. Sourced; $build and $work, a folder, are set by
# the time that one is called:
#   serve ARGUMENT...      `dvdemu serve` in the background, $serve is its process; leaves the URL of
#                          the first drive in $url, empty when there is none: see $work/serve.log
#   stop                   ends it
#   free_port              prints a port of 127.0.0.1 that nobody listens at
#   until_true COMMAND...  asks again for 10 s at most; fails when it stays false
serve='' url=''

until_true() {
    local _
    for _ in $(seq 200); do
        "$@" && return
        sleep 0.05
    done
    return 1
}
serves_or_has_ended() {
    [ -s "${work:?}/ready" ] || ! kill -0 "$serve" 2>/dev/null
}
serve() {
    rm -f "${work:?}/ready"
    "${build:?}/dvdemu" serve --state none --ready-file "$work/ready" "$@" >"$work/serve.log" 2>&1 &
    serve=$!
    until_true serves_or_has_ended
    # shellcheck disable=SC2034 # for the suite
    url=$(head -n 1 "$work/ready")
}
stop() {
    kill "$serve" && wait "$serve"
    serve=''
}
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
