
# Whether the file is given, so that statements follow.
function __switchboard_file_is_given
    set -l words (commandline -opc)
    argparse @OPTIONS@ -- $words[2..-1] 2>/dev/null
    and test (count $argv) -gt 0
end

# What a statement or dot command begins with.
function __switchboard_first_words
    printf '%s\t%s\n' \
@FIRST_WORDS@
end

complete -c switchboard -n __switchboard_file_is_given -f -a '(__switchboard_first_words)'
