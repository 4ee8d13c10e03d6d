#!/bin/sh
# Run by test/support/pcscd.ts as root inside fresh network and mount namespaces, which it holds until standard input
# closes. $1 is a directory visible outside; its `run` becomes /run/pcscd in here. At the end the directory is removed.
set -eu
ip link set lo up
# vpcd writes the length of a message and the message in two pieces: with a delayed acknowledgement between them every
# command would take 40 ms longer.
ip route replace local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 quickack 1
# A machine that never ran pcscd has no /run/pcscd; a private /run has one without touching the machine's.
if ! [ -d /run/pcscd ]; then
  mount -t tmpfs -o mode=0755 tmpfs /run
  mkdir /run/pcscd
fi
mount --bind "$1/run" /run/pcscd
echo ready
cat >/dev/null
rm -rf "$1"
