#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest as /main: a player on a plain DVD-Video, through libdvdread and libdvdnav.
# shellcheck source=tests/guest/program_checks.sh
. /program_checks.sh

tool mplayer "plays title 1 to its end (dvd://)" '^all frames' plays dvd://1
tool mplayer "plays title 2 to its end (dvd://)" '^all frames' plays dvd://2
tool mplayer "plays title 1 to its end (dvdnav://)" '^all frames' plays dvdnav://1
tool mplayer "the stream of title 1 is the disc's (dvd://)" '^same' dumps dvd://1 /titles/1.no-navigation
tool mplayer "the stream of title 2 is the disc's (dvd://)" '^same' dumps dvd://2 /titles/2.no-navigation
tool mplayer "the stream of title 1 is the disc's (dvdnav://)" '^same' dumps dvdnav://1 /titles/1.vob
end_checks
