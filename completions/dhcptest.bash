_dhcptest() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="dhcptest"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        dhcptest)
            opts="-r -6 -q -h -V --query --wait --dora --keep --compare --hex --replay --listen --only-mac --only-type --repeat --iface --bind --target --bind-port --target-port --raw --source-mac --vlan --message --option --request --profile --mac --secs --giaddr --ciaddr --flags --hops --htype --hlen --sname --file --pad --sarr --rapid-commit --duid --server-duid --ia-na --ia-pd --relay --peer --relay-option --timeout --tries --quiet --print-only --format --hexdump --pcap --expect --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --replay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only-mac)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --only-type)
                    COMPREPLY=($(compgen -W "discover request inform decline release bootp solicit renew rebind confirm information-request leasequery" -- "${cur}"))
                    return 0
                    ;;
                --repeat)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --iface)
                    COMPREPLY=($(compgen -W "$(ls /sys/class/net)" -- "${cur}"))
                    return 0
                    ;;
                --bind)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --target)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --bind-port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --target-port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --source-mac)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --vlan)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --message)
                    COMPREPLY=($(compgen -W "discover request inform decline release bootp solicit renew rebind confirm information-request leasequery" -- "${cur}"))
                    return 0
                    ;;
                --option)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --request)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -W "windows macos iphone android linux pxe-bios pxe-uefi pxe-arm64 cable-modem voip-phone list" -- "${cur}"))
                    return 0
                    ;;
                --mac)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --secs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --giaddr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ciaddr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --flags)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hops)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --htype)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hlen)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sname)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pad)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --duid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-duid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ia-na)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ia-pd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --relay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --peer)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --relay-option)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --tries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --print-only)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "verbose plain json ndjson" -- "${cur}"))
                    return 0
                    ;;
                --pcap)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --expect)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

# The same words after "=", and after each comma of a list.
_dhcptest_word() {
    local word="$2" before="$3"
    if [[ $before == "=" ]]; then
        before="${COMP_WORDS[COMP_CWORD-2]}"
    fi
    _dhcptest "$1" "$word" "$before"
    if [[ ${#COMPREPLY[@]} -eq 0 && $word == *,* ]]; then
        _dhcptest "$1" "${word##*,}" "$before"
        COMPREPLY=("${COMPREPLY[@]/#/${word%,*},}")
    fi
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _dhcptest_word -o nosort -o bashdefault -o default dhcptest
else
    complete -F _dhcptest_word -o bashdefault -o default dhcptest
fi
