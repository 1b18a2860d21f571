#!/usr/bin/env bash
# Takes the tour of docs/tour.md by itself, against an `npm start` that runs in TENURE_HOME: runs the commands of that page and
# compares each answer with the comment behind its call, status and "quoted" words. Ends with 0 when all of it is so.
set -euo pipefail
cd "$(dirname "$0")/.."
seen=$(mktemp -d)
trap 'rm -rf "$seen"' EXIT

# The blocks of the page from the nth on, or the nth alone; each comment that expects something becomes a check.
commands() {
  awk -v from="$1" -v to="${2:-999}" '
    /^```sh$/ { block++; inside = 1; next }
    /^```$/ { inside = 0 }
    inside && block >= from && block <= to {
      print
      if (match($0, / # [^#]*$/)) {
        comment = substr($0, RSTART + 3)
        if (comment ~ /^[0-9][0-9][0-9]([ ,:]|$)|"/) { gsub("\047", "\047\\\047\047", comment); print "expect \047" comment "\047" }
      }
    }' docs/tour.md
}

# Checks the last answer, which is in files: a call may have been made in a $(...).
expect() {
  local comment=$1 status body word wanted=()
  status=$(cat "$seen/status") body=$(cat "$seen/body")
  [[ $comment =~ ^([0-9]{3})(\ ([a-z]+(_[a-z]+)+))? ]] && wanted+=("${BASH_REMATCH[1]}" ${BASH_REMATCH[3]:+"${BASH_REMATCH[3]}"})
  while read -r word; do wanted+=("$word"); done < <(grep -oE '"[^"]+"' <<<"$comment" | tr -d '"')
  for word in "${wanted[@]}"; do
    [[ "$status $body" == *"$word"* ]] && continue
    echo "not as the tour says: $comment" >&2
    exit 1
  done
}

commands 1 1 >"$seen/helpers"
commands 2 >"$seen/tour"
# shellcheck source=/dev/null
source "$seen/helpers"

call() {
  curl -s -o "$seen/body" -w '%{http_code}' -H 'content-type: application/json' "$@" >"$seen/status"
  echo "$(cat "$seen/status")" >&2
  cat "$seen/body"
  echo
}

# Waits for a mail that it has not given before.
mailed() {
  local id text line
  for _ in $(seq 300); do
    id=$(curl -s "$INBOX/api/messages?to=$1" | json '[0]?.id ?? ""')
    if [[ -n $id && ! -e "$seen/$id" ]]; then
      text=$(curl -s "$INBOX/api/messages/$id" | json .text)
      if line=$(grep -xE " *$2" <<<"$text"); then
        touch "$seen/$id"
        tr -d ' ' <<<"$line"
        return
      fi
    fi
    sleep 0.2
  done
  echo "no new mail to $1" >&2
  exit 1
}

# Mails of before the tour are none of its.
for id in $(curl -s "$INBOX/api/messages" | json '.map(({ id }) => id).join(" ")'); do touch "$seen/$id"; done

set -v
# shellcheck source=/dev/null
source "$seen/tour"
set +v
echo 'The tour is over, and everything is as it says.'
