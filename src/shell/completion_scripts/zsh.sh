
# Completes what a statement or dot command begins with. A statement is one argument: where more
# follows, the quotes stay open, or the blank is quoted.
_switchboard_statements() {
    local -a begun=(
@BEGUN@
    )
    local -a whole=(
@WHOLE@
    )
    local blank='\ '
    [[ -n $compstate[quote] ]] && blank=' '
    _describe -t statements statement begun -S "$blank" -- whole
}
