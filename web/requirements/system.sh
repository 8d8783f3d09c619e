#!/bin/sh
# Installs what this machine lacks, through apt: `sh system.sh PROGRAM...`, with the programs below.
# Does nothing, and needs no rights, where all is there.
set -eu

missing=
need() { # need PACKAGE COMMAND...: the Debian package to install where COMMAND fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

for program in "$@"; do
    case $program in
    python)
        if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "VideoShare needs Python 3.11 or later as 'python3'; here it is:" \
                "$(python3 --version 2>/dev/null || echo missing)." >&2
            exit 1
        fi
        need python3-venv python3 -c 'import ensurepip, venv'
        ;;
    ffmpeg)
        need ffmpeg sh -c 'command -v ffmpeg && command -v ffprobe'
        ;;
    bubblewrap)
        need bubblewrap sh -c 'command -v bwrap'
        ;;
    chromium)
        need chromium sh -c 'command -v chromium'
        ;;
    mariadb) # a server for the tests; it runs from a folder, not as a service
        need mariadb-server-core sh -c 'PATH="$PATH:/usr/sbin"; command -v mariadbd'
        ;;
    mysqlclient) # what building it takes
        need gcc sh -c 'command -v gcc'
        need pkg-config sh -c 'command -v pkg-config'
        need libmariadb-dev pkg-config --exists libmariadb
        need python3-dev python3 -c 'import os, sysconfig as s
os.stat(s.get_paths()["include"] + "/Python.h")'
        ;;
    gettext)
        need gettext sh -c 'command -v xgettext && command -v msgmerge'
        ;;
    *)
        echo "system.sh does not know '$program'" >&2
        exit 2
        ;;
    esac
done

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "This machine has no apt-get. Install these Debian packages, or what your system calls" \
        "them, then try again:$missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Installing packages needs root, and there is no sudo. As root, run:" >&2
        echo "    apt-get install$missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "Installing with apt:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2086  # one word per package
$as_root apt-get install -q -y --no-install-recommends $missing
