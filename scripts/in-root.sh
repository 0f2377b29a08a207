#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command in a directory that holds a Debian, as in a machine of its own: /dev, /proc and /tmp are new, processes
# and mounts end with the command, nothing of this machine's environment is passed on. Needs root.
#   scripts/in-root.sh [--user ID] [--read-only] [--bind SOURCE:TARGET]... ROOT COMMAND...
# --read-only makes everything read-only but /tmp and what is bound.
set -euo pipefail

user=0 read_only=no binds=()
while [ $# -gt 0 ]; do
  case $1 in
    --user) user=$2; shift 2 ;;
    --read-only) read_only=yes; shift ;;
    --bind) binds+=("$2"); shift 2 ;;
    *) break ;;
  esac
done
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }

if [ "${SPYRE_CI_IN_ROOT:-}" != "$$" ]; then
  # A new process of its own namespaces calls this script again; what runs in them dies with it.
  arguments=(--user "$user")
  [ "$read_only" = no ] || arguments+=(--read-only)
  for bind in "${binds[@]}"; do arguments+=(--bind "$bind"); done
  # shellcheck disable=SC2016  # $$ of the inner shell
  exec unshare --mount --pid --ipc --fork --kill-child --propagation private \
    sh -c 'SPYRE_CI_IN_ROOT=$$ exec "$0" "$@"' "$0" "${arguments[@]}" "$@"
fi

root=$(realpath "$1")
shift
mount --bind "$root" "$root"

# The host's /dev is never shown: a package's script or an unmount in here must not reach it.
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
for device in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod --mode=666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
mknod --mode=666 "$root/dev/tty" c 5 0
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${number%:*}" "$root/dev/${number#*:}"; done
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
for bind in "${binds[@]}"; do
  mkdir -p "$root/${bind#*:}"
  mount --bind "${bind%%:*}" "$root/${bind#*:}"
done
[ "$read_only" = no ] || mount -o remount,bind,ro "$root"

# Not exec: as the first process of its namespace this shell takes in orphans, and the command is an ordinary process.
chroot --userspec="$user:$user" "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${http_proxy:+http_proxy="$http_proxy"} \
  ${https_proxy:+https_proxy="$https_proxy"} "$@"
