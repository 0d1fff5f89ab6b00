#!/usr/bin/env bash
# How many instructions statements take, from the start of the program to its end and, in a run of many, each.
# They are counted by valgrind, so they hardly depend on the machine or on what else it does: for comparing one commit
# with another. What waiting for a disk costs they do not tell; see peers.sh. Beside a move stands the same by hand, in
# the sqlite3 shell (see common.sh).
#
#   bash benches/instructions.sh
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
  echo "valgrind is not installed: there is nothing to count instructions with"
  exit 0
fi
source benches/common.sh

few=30       # open conversations in the small file
moves=400    # in the shorter of the two runs whose difference is taken

# count COMMAND…: its instructions; what it prints and what it reads are the caller's business.
count() {
  valgrind --tool=callgrind --callgrind-out-file="$folder/counted" --log-file="$folder/log" "$@" >"$folder/replies" 2>&1 ||
    { cat "$folder/replies" "$folder/log" >&2; exit 1; }
  sed -n 's/.*Collected *: *//p' "$folder/log"
}

# fresh NAME: a copy of that file, so that each measurement finds the same.
fresh() {
  rm -f "$folder"/copy.db*
  cp "$folder/$1.db" "$folder/copy.db"
}

ours() { count "$switchboard" "$folder/copy.db" "$@"; }
theirs() { count sqlite3 "${plain[@]}" "$folder/copy.db" "$@"; }

thousands() { sed ':again; s/\B[0-9]\{3\}\>/,&/; t again' <<<"$1"; }

# row WHAT COUNT [COUNT BY HAND]
row() {
  local hand="" ratio=""
  if [ -n "${3:-}" ]; then
    hand=$(thousands "$3")
    ratio=$(awk -v ours="$2" -v theirs="$3" 'BEGIN { printf "%.2f", ours / theirs }')
  fi
  printf '%-36s %14s %14s %8s\n' "$1" "$(thousands "$2")" "$hand" "$ratio"
}

# each OURS|THEIRS FEED OPTION…: the instructions of one move of many, by the difference of two runs.
each() {
  local who=$1 feed=$2 once twice
  shift 2
  "$feed" "$moves" >"$folder/once"
  "$feed" $((2 * moves)) >"$folder/twice"
  fresh "$who"
  once=$("$who" "$@" <"$folder/once")
  fresh "$who"
  twice=$("$who" "$@" <"$folder/twice")
  echo $(((twice - once) / moves))
}

in_one_transaction() {
  echo "BEGIN IMMEDIATE;"
  moves_by_hand "$1"
  echo "COMMIT;"
}

desk "$conversations" | "$switchboard" "$folder/ours.db" --atomic --quiet
desk "$few" | "$switchboard" "$folder/small.db" --atomic --quiet
hand=""
if command -v sqlite3 >/dev/null; then
  hand=yes
  by_hand "$conversations" | sqlite3 "${plain[@]}" "$folder/theirs.db" >/dev/null
else
  echo "sqlite3 is not installed: nothing stands beside the moves"
fi

printf '%-36s %14s %14s %8s\n' "a program for one statement" "instructions" "by hand" "ratio"
for statement in "SHOW HEAD" "SHOW AGENTS" "PICK 77 BY ann" "NOTE 77 'x'" "OPEN ON texts FOR 'zoe'" \
  "MESSAGE 77 FROM CUSTOMER 'hello'" "SELECT count(*) FROM queues" "SHOW CONVERSATION 77" "HELP pick"; do
  fresh ours
  taken=$(ours "$statement")
  beside=""
  if [ -n "$hand" ] && [ "$statement" = "PICK 77 BY ann" ]; then
    fresh theirs
    beside=$(theirs "$picked_by_hand")
  fi
  row "$statement" "$taken" "$beside"
done
fresh small
row "SHOW ONGOING, $few open" "$(ours "SHOW ONGOING")"
echo
printf '%-36s %14s %14s %8s\n' "one move of many" "instructions" "by hand" "ratio"
batch=$(each ours moves --atomic)
alone=$(each ours moves)
batch_by_hand=${hand:+$(each theirs in_one_transaction)}
alone_by_hand=${hand:+$(each theirs moves_by_hand)}
row "in a batch" "$batch" "$batch_by_hand"
row "alone, its own transaction" "$alone" "$alone_by_hand"
