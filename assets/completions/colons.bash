
# Completes words with colons, such as `type:user.signup`. Bash splits words at colons, so this joins the pieces,
# completes the whole word, and removes what is already typed before the last colon.
_hookglass_with_colons() {
    local line="${COMP_LINE:0:COMP_POINT}" word gap i last=-1 is_joined=
    local -a joined=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if [[ -z "$word" ]]; then
            gap="$line"
        else
            gap="${line%%"$word"*}"
            line="${line#*"$word"}"
        fi
        if [[ $last -ge 0 && -z "$gap" && ( "$word" == :* || "${joined[last]}" == *: ) ]]; then
            joined[last]+="$word"
            is_joined=yes
        else
            joined[++last]="$word"
            is_joined=
        fi
    done
    if [[ -z "$is_joined" ]]; then
        _hookglass "$@"
        return
    fi
    local -a COMP_WORDS=("${joined[@]}")
    local COMP_CWORD=$last typed="${joined[last]}"
    _hookglass "$1" "$typed" "${joined[last - 1]}"
    COMPREPLY=("${COMPREPLY[@]#"${typed%"${typed##*:}"}"}")
}
