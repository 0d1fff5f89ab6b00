#!/usr/bin/env bash
# How long moves take beside others that do the same work durably: the sqlite3 shell with triggers made by hand (see
# common.sh), and Python's package transitions over the same tables. What is printed are ratios within one run, ours ÷
# theirs: below 1 we are quicker. Everything is timed in turn, round by round, since a disk has its moods; the time of
# a bare write of 4 KiB with its sync stands beside them. A peer that is missing is left out, with a line that says so.
#
#   bash benches/peers.sh [rounds]
#
# PYTHON names another python3, such as that of a virtual environment with transitions in it.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${EPOCHREALTIME:-}" ]; then
  echo "this bash has no clock that is fine enough: version 5 has"
  exit 0
fi
source benches/common.sh

rounds=${1:-7}
alone=20     # programs for one move each, in a round
moves=400    # moves that are piped, in a round
python=${PYTHON:-python3}

# timed COMMAND…: the microseconds it takes; what it says is kept for the case that it fails.
timed() {
  local begun=${EPOCHREALTIME/./}
  "$@" >"$folder/replies" 2>&1 || { cat "$folder/replies" >&2; exit 1; }
  echo $((${EPOCHREALTIME/./} - begun))
}

# Programs for one move each.
ours_alone() { while read -r move; do "$switchboard" "$folder/ours.db" "$move"; done <"$folder/alone"; }
theirs_alone() { while read -r move; do sqlite3 "${plain[@]}" "$folder/theirs.db" "$move"; done <"$folder/alone_by_hand"; }

# A program for moves that are piped into it, each its own transaction.
ours_piped() { "$switchboard" "$folder/ours.db" <"$1"; }
theirs_piped() { sqlite3 "${plain[@]}" "$folder/theirs.db" <"$1"; }
transitions_piped() { "$python" "$folder/peer.py" "$folder/transitions.db" <"$1"; }

synced() { dd if=/dev/zero of="$folder/synced" bs=4096 count=200 oflag=dsync; }

# keep NAME COUNT COMMAND…: the microseconds in this round of each of so many that the command does.
keep() {
  local name=$1 count=$2 all
  shift 2
  all=$(timed "$@")
  awk -v all="$all" -v count="$count" 'BEGIN { print all / count }' >>"$folder/$name.kept"
}

# keep_moves NAME COMMAND FILE: those of each move in that file, without the program's start and end.
keep_moves() {
  local name=$1 none all
  none=$(timed "$2" "$folder/nothing")
  all=$(timed "$2" "$3")
  awk -v all="$all" -v none="$none" -v moves="$moves" 'BEGIN { print (all - none) / moves }' >>"$folder/$name.kept"
}

# spread FILE FORM: the median, the least and the most of its numbers.
spread() {
  sort -g "$1" | awk -v form="$2" '{ all[NR] = $1 } END { printf form, all[int((NR + 1) / 2)], all[1], all[NR] }'
}

times() { printf '%-46s %s µs\n' "$1" "$(spread "$folder/$2.kept" '%9.1f %9.1f %9.1f')"; }

ratios() {
  paste "$folder/$2.kept" "$folder/$3.kept" | awk '{ print $1 / $2 }' >"$folder/ratios"
  printf '%-46s %s\n' "$1" "$(spread "$folder/ratios" '%9.2f %9.2f %9.2f')"
}

cat >"$folder/peer.py" <<'PYTHON'
"""Reads moves ('12 pick'), checks each by a machine of transitions and writes it durably: conversation and audit."""
import sqlite3
import sys

from transitions import Machine


class Conversation:
    """One conversation, as it stands in its row."""


machine = Machine(model=None, states=["Open", "Active", "Closed"], initial="Open", auto_transitions=False)
machine.add_transition("pick", "Open", "Active")
machine.add_transition("release", "Active", "Open")
machine.add_transition("end", "Active", "Closed")

file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("PRAGMA synchronous = FULL")
for at, line in enumerate(sys.stdin):
    number, event = line.split()
    file.execute("BEGIN IMMEDIATE")
    (state,) = file.execute("SELECT state FROM conversation WHERE id = ?", (number,)).fetchone()
    conversation = Conversation()
    machine.add_model(conversation, initial=state)
    conversation.trigger(event)
    machine.remove_model(conversation)
    agent = 1 if event == "pick" else None
    file.execute("UPDATE conversation SET state = ?, agent = ?, state_since = ? WHERE id = ?",
                 (conversation.state, agent, at, number))
    file.execute("INSERT INTO audit (conversation, event, from_state, to_state, agent, actor, at)"
                 " VALUES (?, ?, ?, ?, ?, 'maria', ?)", (number, event, state, conversation.state, agent, at))
    file.execute("COMMIT")
    print(number, event, state, conversation.state)
PYTHON

desk "$conversations" | "$switchboard" "$folder/ours.db" --atomic --quiet
moves "$alone" >"$folder/alone"
moves "$moves" >"$folder/piped"
: >"$folder/nothing"
shell="" package=""
if command -v sqlite3 >/dev/null; then
  shell=yes
  by_hand "$conversations" | sqlite3 "${plain[@]}" "$folder/theirs.db" >/dev/null
  moves_by_hand "$alone" >"$folder/alone_by_hand"
  moves_by_hand "$moves" >"$folder/piped_by_hand"
else
  echo "sqlite3 is not installed: the shell with triggers is left out"
fi
if ! "$python" -c 'import transitions' 2>/dev/null; then
  echo "Python's transitions is not installed (pip install transitions): it is left out"
elif [ -z "$shell" ]; then
  echo "sqlite3 makes the file of transitions, too: it is left out"
else
  package=yes
  # The machine does what the triggers do by hand.
  { by_hand "$conversations"; echo "DROP TRIGGER audit_checked; DROP TRIGGER audit_followed;"; } |
    sqlite3 "${plain[@]}" "$folder/transitions.db" >/dev/null
  drawn "$moves" >"$folder/drawn"
fi

for ((round = 1; round <= rounds; round++)); do
  keep sync 200 synced
  keep ours_alone "$alone" ours_alone
  keep_moves ours_piped ours_piped "$folder/piped"
  if [ -n "$shell" ]; then
    keep theirs_alone "$alone" theirs_alone
    keep_moves theirs_piped theirs_piped "$folder/piped_by_hand"
  fi
  if [ -n "$package" ]; then keep_moves transitions_piped transitions_piped "$folder/drawn"; fi
done

printf '%-46s %9s %9s %9s\n' "$rounds rounds, $conversations conversations" median min max
times "a bare write and its sync" sync
times "a program for one move, ours" ours_alone
times "a piped move, its own transaction, ours" ours_piped
if [ -n "$shell" ]; then
  times "a program for one move, sqlite3" theirs_alone
  times "a piped move, sqlite3" theirs_piped
fi
if [ -n "$package" ]; then times "a piped move, transitions" transitions_piped; fi
if [ -n "$shell" ]; then
  ratios "a program for one move: ours / sqlite3" ours_alone theirs_alone
  ratios "a piped move: ours / sqlite3" ours_piped theirs_piped
fi
if [ -n "$package" ]; then ratios "a piped move: ours / transitions" ours_piped transitions_piped; fi
