
# What a statement or dot command begins with, and after the bar what follows.
_switchboard_first_words=(
@FIRST_WORDS@
)

# Completes a statement, which is one argument, within quotes. As long as something follows, the
# quotes stay open: its syntax is the second candidate.
_switchboard_statement() {
    local typed=${1//\\/} quote="" lower="" line opening rest
    [[ ${COMP_WORDS[COMP_CWORD]} == [\'\"]* ]] || quote="'"
    [[ $typed == [[:lower:]]* && ${BASH_VERSINFO[0]} -ge 4 ]] && lower=1
    COMPREPLY=()
    for line in "${_switchboard_first_words[@]}"; do
        opening=${line%%|*}
        [[ -n $lower ]] && opening=${opening,,}
        if [[ $line == *"|" ]]; then
            [[ $opening == "$typed"* ]] && COMPREPLY+=("$quote$opening$quote")
        elif [[ "$opening " == "$typed"* ]]; then
            COMPREPLY+=("$quote$opening ")
            rest=${line#*|}
        fi
    done
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *" " ]]; then
        COMPREPLY+=("${COMPREPLY[0]}$rest")
    fi
}

_switchboard_arguments() {
    local i word value="" attached="" given=0
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        # Bash splits words at = and :.
        if [[ $word == [=:] ]]; then
            value="" attached=1
        elif [[ -n $attached ]]; then
            attached=""
        elif [[ -n $value ]]; then
            value=""
        else
            case $word in
                @VALUED@) value=1 ;;
                -*) ;;
                *) given=$((given + 1)) ;;
            esac
        fi
    done
    if [[ -n $value || -n $attached || $2 == -* ]]; then
        _switchboard "$@"
    elif [[ $given -eq 0 ]]; then
        COMPREPLY=()
    else
        _switchboard_statement "$2"
        # Only the first argument is a file.
        compopt +o default +o bashdefault 2>/dev/null
    fi
}

if [[ ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 || ${BASH_VERSINFO[0]} -gt 4 ]]; then
    complete -F _switchboard_arguments -o nosort -o bashdefault -o default switchboard
else
    complete -F _switchboard_arguments -o bashdefault -o default switchboard
fi
