# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of spyre-ci in bash. What can be completed is what the program's own --help says.

# _spyre_ci_list <heading> <words of the command>...: the names under a heading of the help.
_spyre_ci_list() {
  local heading=$1
  shift
  "$@" --help 2>/dev/null | awk -v heading="$heading:" '
    /^[A-Z].*:$/ { inside = ($0 == heading); next }
    inside && /^  [-a-z]/ { n = split($1, names, ","); for (i = 1; i <= n; i++) if (names[i] != "-h") print names[i] }'
}

_spyre_ci() {
  local word=${COMP_WORDS[COMP_CWORD]} given names command=("${COMP_WORDS[0]}")
  for given in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    names=$(_spyre_ci_list Subcommands "${command[@]}")
    [[ $'\n'$names$'\n' == *$'\n'"$given"$'\n'* ]] && command+=("$given")
  done
  if [[ $word == -* ]]; then
    names=$(_spyre_ci_list Options "${command[@]}"; _spyre_ci_list Options "${COMP_WORDS[0]}")
  else
    names=$(_spyre_ci_list Subcommands "${command[@]}")
  fi
  # Nothing of ours fits: file names, by -o default.
  mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word" | sort -u)
}

complete -o default -F _spyre_ci spyre-ci
