#!/usr/bin/env bash
# Runs a command while the daemons that the libvirt tests ask are up, and then stops those that it started itself.
# A libvirtd that is up already is used as it is. Without root nothing is started; those tests then skip and say why.
# Usage: scripts/test-services.sh npm test
# References: libvirtd(8), virtlogd(8): without virtlogd, libvirtd cannot start a qemu domain.
set -euo pipefail

answers() { virsh --quiet --connect qemu:///system version >/dev/null 2>&1; }

pids=()
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" || true
}

# Starts a daemon in the background of this script, so that its process id is known.
start() {
  "$@" </dev/null >/dev/null 2>&1 &
  pids+=("$!")
}

if [ "$(id -u)" = 0 ] && command -v libvirtd virtlogd virsh >/dev/null && ! answers; then
  trap stop EXIT
  # Started in any case: a socket may be left from one that was killed, and a second daemon ends at the first one's pid file.
  start virtlogd
  start libvirtd
  # As long as it lives: on a busy machine it may take its time.
  while ! answers && kill -0 "${pids[1]}" 2>/dev/null; do sleep 0.1; done
  answers || echo "test-services: libvirtd does not answer; its tests will skip" >&2
fi

"$@"
