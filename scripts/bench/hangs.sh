#!/usr/bin/env bash
# What hangs, and what is left: prints a line for each case, and ends with 1 if one does not hold.
# Needs root, a libvirtd whose process may be stopped for a while (a private one), qemu, qemu-nbd and a built dist/.
# Usage: scripts/bench/hangs.sh LIBVIRTD_PID [silent | stopped | signals | same]...
set -uo pipefail
daemon=$1
shift
cases=" ${*:-silent stopped signals same} "
df=(node "$PWD/dist/virt-df.js")
commands=(df chain jobs pools top)
folder=$(mktemp -d --tmpdir virt-df-hangs-XXXXXX)
chmod 755 "$folder"
failed=0
virsh() { command virsh --quiet --connect qemu:///system "$@"; }
now() { date +%s%N; }
since() { echo $((($(now) - $1) / 1000000)); }
# What it is, whether it holds (0), and the numbers.
say() {
  [ "$2" = 0 ] || failed=1
  printf '%-4s %s: %s\n' "$([ "$2" = 0 ] && echo ok || echo BAD)" "$1" "$3"
}
below() {
  local child
  for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
    echo "$child"
    below "$child"
  done
}
# Of these processes those that have not ended; a zombie has.
alive() {
  local one
  for one in "$@"; do grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$one/status" && echo "$one"; done
}

cleanup() {
  kill -CONT "$daemon" 2>/dev/null
  virsh destroy hangs >/dev/null 2>&1
  virsh undefine hangs >/dev/null 2>&1
  for pid in "$folder"/*.pid; do [ -e "$pid" ] && kill -KILL "$(cat "$pid")"; done
  rm -rf "$folder"
} 2>/dev/null
trap cleanup EXIT

truncate -s 64M "$folder/plain.raw"
mkfs.ext4 -q -F "$folder/plain.raw"
qemu-img convert -O qcow2 "$folder/plain.raw" "$folder/top.qcow2"
cp "$folder/plain.raw" "$folder/nbd.raw"

# 180 guests that can be read and 20 on a server that says nothing: 200 rows, 12 s.
if [[ $cases == *" silent "* ]]; then
  node -e "const s=require('net').createServer(()=>{}).listen(0,'127.0.0.1',()=>require('fs').writeFileSync('$folder/port',String(s.address().port)))" &
  echo $! >"$folder/silent.pid"
  until [ -s "$folder/port" ]; do sleep 0.1; done
  guest() { echo "<domain type='test'><name>$1</name><memory>65536</memory><os><type>hvm</type></os><devices>$2</devices></domain>"; }
  {
    echo '<node>'
    for i in $(seq -w 20); do
      guest "bad$i" "<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd' name='x'><host name='127.0.0.1' port='$(cat "$folder/port")'/></source><target dev='vda' bus='virtio'/></disk>"
    done
    for i in $(seq -w 180); do
      guest "good$i" "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$folder/plain.raw'/><target dev='vda' bus='virtio'/></disk>"
    done
    echo '</node>'
  } >"$folder/node.xml"
  start=$(now)
  "${df[@]}" -c "test://$folder/node.xml" --timeout 10 --csv >"$folder/rows" 2>/dev/null
  code=$?
  ms=$(since "$start")
  good=$(grep -c ',ext4,' "$folder/rows")
  bad=$(grep -c TIMEOUT "$folder/rows")
  say '180 guests and 20 silent ones' "$([ "$code $good $bad" = '1 180 20' ] && [ "$ms" -le 12000 ] && echo 0 || echo 1)" "exit $code, $good and $bad rows, $ms ms"
fi

if [[ $cases =~ \ (stopped|signals|same)\  ]]; then
  qemu-nbd --fork --persistent --shared=20 --read-only --format=raw --pid-file="$folder/nbd.pid" -k "$folder/nbd.sock" "$folder/nbd.raw"
  chmod 777 "$folder/nbd.sock"
  cat >"$folder/hangs.xml" <<XML
<domain type='qemu'><name>hangs</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$folder/top.qcow2'/><target dev='vda' bus='virtio'/></disk>
<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd'><host transport='unix' socket='$folder/nbd.sock'/></source><target dev='vdb' bus='virtio'/><readonly/></disk>
</devices></domain>
XML
  virsh define "$folder/hangs.xml"
  virsh start --paused hangs
  state() {
    sha256sum "$folder"/*.raw "$folder"/*.qcow2
    for name in $(virsh list --all --name); do virsh dumpxml "$name"; done
  }
  before=$(state)
fi

# A run of each command; its time is no more than the limit, of top, which asks twice, twice that.
each() {
  for command in "${commands[@]}"; do
    start=$(now)
    timeout -s KILL 60 "${df[@]}" "$command" -c qemu:///system "${@:3}" >/dev/null 2>"$folder/err"
    code=$?
    ms=$(since "$start")
    [ "$command" = top ] && most=$((2 * $2)) || most=$2
    say "$1, $command" "$([[ $code =~ ^[013]$ ]] && [ "$ms" -le "$most" ] && echo 0 || echo 1)" "exit $code, $ms ms"
  done
}

if [[ $cases == *" stopped "* ]]; then
  qemu=$(cat /run/libvirt/qemu/hangs.pid)
  for what in "nbd:$(cat "$folder/nbd.pid")" "qemu:$qemu" "libvirtd:$daemon"; do
    kill -STOP "${what#*:}"
    each "stopped ${what%%:*}" 6000 hangs --timeout 3
    kill -CONT "${what#*:}"
  done
  virsh blockcopy hangs vda "$folder/copy.img" --transient-job --bandwidth 1 --bytes >/dev/null
  kill -STOP "$qemu"
  each 'stopped qemu with a job' 6000 hangs --timeout 3
  kill -CONT "$qemu"
  virsh blockjob hangs vda --abort
  rm -f "$folder/copy.img"
fi

# Nothing is left two seconds after the end.
if [[ $cases == *" signals "* ]]; then
  kill -STOP "$daemon"
  for command in "${commands[@]}"; do
    for signal in INT TERM HUP KILL; do
      # A shell's background process would not hear INT.
      perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "${df[@]}" "$command" -c qemu:///system --timeout 0 >/dev/null 2>&1 &
      pid=$!
      for _ in $(seq 100); do [ -n "$(below $pid)" ] && break || sleep 0.1; done
      sleep 1
      started=$(below $pid)
      kill -$signal $pid
      wait $pid 2>/dev/null
      sleep 2
      left=$(alive $started)
      say "$signal of $command" "$([ -n "$started" ] && [ -z "$left" ] && echo 0 || echo 1)" "$(wc -w <<<"$started") started, left: ${left:-none}"
    done
  done
  kill -CONT "$daemon"
fi

if [[ $cases == *" same "* ]]; then
  each 'all is well' 60000 hangs
  [ "$before" = "$(state)" ]
  say 'images and domains are as before' $? "$(wc -l <<<"$before") lines"
fi
exit $failed
